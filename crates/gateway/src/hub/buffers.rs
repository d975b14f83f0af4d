//! How much the system may hold of what was sent to one client. Its own choice grows to megabytes for a client that
//! takes little, and all of that is old by the time it arrives, also after the connection was given up.

use std::io::Result;

use socket2::SockRef;
use tokio::net::TcpStream;

/// What the system holds for one socket of the feed: sent and not confirmed, and not sent yet. It keeps its own
/// records in the same room, so about half of it is ours.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// What the system takes of one connection before it was sent. More would only wait there instead of here, where a
/// newer value can take its place.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 16 * 1024;

/// Bounds what waits unsent on any connection; what is on its way is bounded by what its reader takes.
///
/// # Errors
/// When the system refuses.
#[cfg_attr(
    not(target_os = "linux"),
    expect(clippy::unnecessary_wraps, reason = "it may fail on Linux")
)]
pub fn bound_unsent(stream: &TcpStream) -> Result<()> {
    #[cfg(target_os = "linux")]
    SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES)?;
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
    Ok(())
}

/// Bounds everything that is held for a socket of the feed.
///
/// # Errors
/// When the system refuses.
pub fn bound(stream: &TcpStream) -> Result<()> {
    // The system doubles what it is told, for its records.
    SockRef::from(stream).set_send_buffer_size(SEND_BUFFER_BYTES / 2)?;
    bound_unsent(stream)
}

/// Throws away what was not delivered when the connection ends: its reader is told that it broke, and not an hour
/// later what was so an hour ago.
pub fn forget(stream: &TcpStream) {
    // A connection that is gone already holds nothing.
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::*;

    /// Both ends of a connection whose reader has little room.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (reader, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let reader = reader.unwrap();
        SockRef::from(&reader).set_recv_buffer_size(4_096).unwrap();
        (accepted.unwrap().0, reader)
    }

    /// How much the system takes of a stream that nobody reads.
    async fn taken_bytes(stream: &TcpStream) -> usize {
        let (piece, mut taken) = ([b'x'; 4_096], 0);
        while timeout(Duration::from_millis(200), stream.writable())
            .await
            .is_ok()
        {
            taken += stream.try_write(&piece).unwrap_or(0);
        }
        taken
    }

    #[tokio::test]
    async fn little_is_held_for_a_client_that_reads_nothing() {
        let (bounded, _reader) = pair().await;
        bound(&bounded).unwrap();
        let taken = taken_bytes(&bounded).await;
        // What is on its way to the reader, one write beyond what may wait, and the reader's own room.
        assert!(taken <= 2 * SEND_BUFFER_BYTES, "{taken} bytes were taken");
    }

    #[tokio::test]
    async fn what_a_given_up_client_has_not_got_is_thrown_away() {
        let (bounded, mut reader) = pair().await;
        bound(&bounded).unwrap();
        let taken = taken_bytes(&bounded).await;
        forget(&bounded);
        drop(bounded);
        let mut got = Vec::new();
        assert!(reader.read_to_end(&mut got).await.is_err(), "no reset");
        assert!(got.len() < taken, "all {taken} bytes came");
    }
}
