// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The file system as the store uses it: each call checked, each change counted by `fault`.
///
/// Files are made 0600 and directories 0700, because blocks may be public but keys are not, and
/// one rule for all is one less to get wrong.
package struct Disk: Sendable {
    /// Which step to break, in tests.
    package let fault: WriteFault

    /// The largest single write, so that a huge file is many steps of a fault sweep.
    static let writeMax = 1 << 20

    /// Works with a fault plan, usually none.
    package init(fault: WriteFault = WriteFault()) {
        self.fault = fault
    }

    // MARK: What changes the disk

    /// Makes a directory unless it is there, with its parents, each durable in the one above it.
    package func makeDirectories(_ path: String) throws(StorageFault) {
        if isDirectory(path) { return }
        let parent = Self.parent(of: path)
        if parent != path { try makeDirectories(parent) }
        try fault.pass(.makeDirectory, path)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .failed(.makeDirectory, path, code: errno)
        }
        try syncDirectory(parent)
    }

    /// The directory that a path's last name is in.
    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Writes a file, over an unfinished one of that name, and makes its bytes durable (its name
    /// is durable when its directory is synced).
    package func create(_ path: String, _ parts: [ArraySlice<UInt8>]) throws(StorageFault) {
        try fault.pass(.create, path)
        let file = Glibc.open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(.create, path, code: errno) }
        defer { close(file) }
        for part in parts {
            var rest = part
            while !rest.isEmpty {
                let piece = rest.prefix(Self.writeMax)
                try write(piece, to: file, path)
                rest = rest.dropFirst(piece.count)
            }
        }
        try fault.pass(.sync, path)
        guard fsync(file) == 0 else { throw .failed(.sync, path, code: errno) }
    }

    func write(
        _ bytes: ArraySlice<UInt8>, to file: Int32, _ path: String
    ) throws(StorageFault) {
        switch fault.verdict(.write, path) {
        case .proceed: try writeAll(bytes, to: file, path)
        case .fail(let code):
            try writeAll(bytes.prefix(bytes.count / 2), to: file, path)
            throw .failed(.write, path, code: code)
        case .die:
            try writeAll(bytes.prefix(bytes.count / 2), to: file, path)
            WriteFault.die()
        }
    }

    private func writeAll(
        _ bytes: ArraySlice<UInt8>, to file: Int32, _ path: String
    ) throws(StorageFault) {
        let code: Int32 = bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(
                    file, buffer.baseAddress?.advanced(by: done),
                    buffer.count - done)
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    return count == 0 ? EIO : errno
                }
            }
            return 0
        }
        guard code == 0 else { throw .failed(.write, path, code: code) }
    }

    /// Gives a file its final name, over whatever has it.
    package func rename(_ from: String, to path: String) throws(StorageFault) {
        try fault.pass(.rename, path)
        guard Glibc.rename(from, path) == 0 else { throw .failed(.rename, path, code: errno) }
    }

    /// Gives a file a second name, which nothing may have yet.
    package func link(_ from: String, to path: String) throws(StorageFault) {
        try fault.pass(.link, path)
        guard Glibc.link(from, path) == 0 else { throw .failed(.link, path, code: errno) }
    }

    /// Makes a symbolic link, which nothing may have as its name yet.
    package func symbolicLink(_ target: String, at path: String) throws(StorageFault) {
        try fault.pass(.link, path)
        guard symlink(target, path) == 0 else { throw .failed(.link, path, code: errno) }
    }

    /// Removes a name; one that is not there is fine.
    package func unlink(_ path: String) throws(StorageFault) {
        try fault.pass(.unlink, path)
        guard Glibc.unlink(path) == 0 || errno == ENOENT else {
            throw .failed(.unlink, path, code: errno)
        }
    }

    /// Makes the names in a directory durable.
    package func syncDirectory(_ path: String) throws(StorageFault) {
        try fault.pass(.syncDirectory, path)
        let directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .failed(.syncDirectory, path, code: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .failed(.syncDirectory, path, code: errno) }
    }

    /// Replaces a small file as a whole: written beside, synced, renamed, directory synced.
    package func replace(_ path: String, with bytes: [UInt8]) throws(StorageFault) {
        let temporary = path + Self.temporarySuffix
        try create(temporary, [bytes[...]])
        try rename(temporary, to: path)
        try syncDirectory(Self.parent(of: path))
    }

    /// How the names of files end that are not complete yet.
    static let temporarySuffix = ".temporary"
}
