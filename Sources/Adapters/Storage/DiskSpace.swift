// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How full the file system under a directory is, and how much of it the directory takes.
package struct DiskSpace: Hashable, Sendable {
    /// Bytes that may still be written by whoever is not the system itself.
    package let freeBytes: UInt64
    /// Bytes of the whole file system.
    package let totalBytes: UInt64
    /// Bytes of the files below the directory, as they lie on the disk.
    package let usedBytes: UInt64

    /// The most files that are looked at; a store of more is told of as far as this goes.
    private static let filesMax: Int32 = 4_000_000

    /// Looks at a directory; nil when the system does not say.
    ///
    /// It reads every directory below, so it belongs on a thread that may wait.
    package init?(_ directory: String) {
        var system = statvfs()
        guard statvfs(directory, &system) == 0 else { return nil }
        let block = UInt64(system.f_frsize)
        freeBytes = UInt64(system.f_bavail) * block
        totalBytes = UInt64(system.f_blocks) * block
        usedBytes = Self.bytes(below: directory, depth: 0)
    }

    /// Directories of a store are at most three deep; links are not followed.
    private static func bytes(below directory: String, depth: Int) -> UInt64 {
        guard depth < 8, let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        var sum: UInt64 = 0
        var count: Int32 = 0
        while count < filesMax, let entry = readdir(stream) {
            count += 1
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let path = directory + "/" + name
            var file = stat()
            guard lstat(path, &file) == 0 else { continue }
            if file.st_mode & S_IFMT == S_IFDIR {
                sum &+= bytes(below: path, depth: depth + 1)
            } else {
                sum &+= UInt64(file.st_blocks) * 512
            }
        }
        return sum
    }
}
