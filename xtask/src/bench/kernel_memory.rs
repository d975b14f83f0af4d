//! What the kernel holds for connections. It is in no process's resident memory.

use std::fs;

use anyhow::{Context, Result};

/// Memory of the whole machine's connections, in bytes. Both ends of a connection over loopback are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelMemory {
    /// Bytes that wait in send and receive queues of TCP, as `/proc/net/sockstat` counts them.
    pub tcp_queues_bytes: u64,
    /// The kernel's own objects: sockets, files and epoll entries, and everything else that it keeps.
    pub slab_bytes: u64,
}

/// Reads `/proc`.
///
/// # Errors
/// When this is not Linux.
pub fn read() -> Result<KernelMemory> {
    let file = |path: &str| fs::read_to_string(path).with_context(|| format!("no {path}"));
    let pages = tcp_pages(&file("/proc/net/sockstat")?).context("/proc/net/sockstat: no TCP")?;
    let slab_bytes = slab_bytes(&file("/proc/meminfo")?).context("/proc/meminfo: no Slab")?;
    Ok(KernelMemory {
        tcp_queues_bytes: pages * rustix::param::page_size() as u64,
        slab_bytes,
    })
}

fn tcp_pages(sockstat: &str) -> Option<u64> {
    let tcp = sockstat.lines().find_map(|it| it.strip_prefix("TCP: "))?;
    let mut words = tcp.split_whitespace().skip_while(|it| *it != "mem");
    words.nth(1)?.parse().ok()
}

fn slab_bytes(meminfo: &str) -> Option<u64> {
    let slab = meminfo.lines().find_map(|it| it.strip_prefix("Slab:"))?;
    let kib: u64 = slab.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_tcp_are_told_from_those_of_udp() {
        let sockstat =
            "sockets: used 300\nTCP: inuse 5 orphan 0 tw 0 alloc 8 mem 17\nUDP: inuse 1 mem 4\n";
        assert_eq!(tcp_pages(sockstat), Some(17));
        assert_eq!(tcp_pages("sockets: used 300\n"), None);
    }

    #[test]
    fn slab_is_read_in_bytes() {
        let meminfo = "MemTotal:       100 kB\nSlab:            2 kB\nSReclaimable:    1 kB\n";
        assert_eq!(slab_bytes(meminfo), Some(2_048));
    }
}
