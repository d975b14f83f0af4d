pub async fn serve(_: &crate::cli::Serve) -> Result<(), std::io::Error> {
    Ok(())
}
