// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How much memory this process has, by the kernel's word.
enum ProcessMemory {
    /// Bytes that are resident; nil where the kernel does not say (`/proc/self/statm`).
    static var residentBytes: Int64? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Int64(words[1]) else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
