// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What only looks at the disk.
extension Disk {
    /// What a file is.
    package struct Status: Hashable, Sendable {
        /// Its size in bytes.
        package let sizeBytes: Int
        /// What it takes on the disk, in bytes.
        package let allocatedBytes: Int
        /// Which file it is, whatever its name.
        package let inode: UInt64
        /// How many names it has.
        package let linkCount: Int
        /// Its permission bits.
        package let mode: UInt32
    }

    /// Whether there is a directory of that name.
    package func isDirectory(_ path: String) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR
    }

    /// The status of a file (of a symbolic link's target), or nil when there is none.
    package func status(_ path: String) throws(StorageFault) -> Status? {
        var found = stat()
        guard stat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .failed(.read, path, code: errno)
        }
        return Status(
            sizeBytes: Int(found.st_size), allocatedBytes: Int(found.st_blocks) * 512,
            inode: UInt64(found.st_ino),
            linkCount: Int(found.st_nlink), mode: found.st_mode & 0o7777)
    }

    /// How many bytes the file system of a path has left for us.
    package func freeBytes(_ path: String) throws(StorageFault) -> UInt64 {
        var found = statvfs()
        guard statvfs(path, &found) == 0 else { throw .failed(.read, path, code: errno) }
        let (bytes, overflow) = UInt64(found.f_bavail).multipliedReportingOverflow(
            by: UInt64(found.f_frsize))
        return overflow ? .max : bytes
    }

    /// The names in a directory, in order of their bytes.
    package func names(in path: String) throws(StorageFault) -> [String] {
        guard let directory = opendir(path) else { throw .failed(.list, path, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .failed(.list, path, code: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A whole file of at most `limit` bytes.
    package func read(_ path: String, limit: Int) throws(StorageFault) -> [UInt8] {
        try withFile(path) { (file) throws(StorageFault) in
            let size = try file.sizeBytes()
            guard size <= limit else {
                throw .overLimit(what: "\(path) in bytes", limit: limit, actual: size)
            }
            return try file.read(at: 0, count: size)
        }
    }

    /// Opens a file for reading while `body` runs.
    ///
    /// - Throws: `missing` when there is none.
    package func withFile<Result>(
        _ path: String, _ body: (borrowing ReadableFile) throws(StorageFault) -> Result
    ) throws(StorageFault) -> Result {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(.open, path, code: errno) }
        return try body(ReadableFile(descriptor: descriptor, path: path))
    }
}

/// A file that is open for reading; it closes itself.
package struct ReadableFile: ~Copyable {
    let descriptor: Int32
    /// Its name, for faults.
    package let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Its size now.
    package borrowing func sizeBytes() throws(StorageFault) -> Int {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw .failed(.read, path, code: errno) }
        guard found.st_mode & S_IFMT == S_IFREG else { throw .failed(.read, path, code: EINVAL) }
        return Int(found.st_size)
    }

    /// Exactly `count` bytes from `offset`.
    ///
    /// - Throws: `system(.read, …, code: ENODATA)` when the file ends before.
    package borrowing func read(at offset: Int, count: Int) throws(StorageFault) -> [UInt8] {
        var code: Int32 = 0
        let descriptor = descriptor
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    code = ENODATA
                    return
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        guard code == 0 else { throw .failed(.read, path, code: code) }
        return bytes
    }
}
