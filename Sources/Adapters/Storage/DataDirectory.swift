// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// The directory that one node keeps everything in, open and locked.
///
/// ```text
/// lock            held while a process has it open; its text is that process's id
/// layout          one line: the version of this arrangement
/// blocks/         <DATA ROOT>.ods, one square each; heights/<height>.ods, the same by height
/// index/          LMDB
/// keys/           private keys, one file each
/// ```
package final class DataDirectory: Sendable {
    /// The version of the arrangement that this release reads and writes.
    package static let layout = "quadrat 1"

    /// Its path, without a slash at the end.
    package let path: String
    /// The disk it is on.
    package let disk: Disk
    private let lock: Int32

    /// Where squares lie.
    package var blocks: String { path + "/blocks" }
    /// Where the names of squares by height lie.
    package var heights: String { path + "/blocks/heights" }
    /// Where LMDB keeps the index.
    package var index: String { path + "/index" }
    /// Where private keys lie.
    package var keys: String { path + "/keys" }

    /// Opens or makes the directory, and keeps every other process out of it.
    ///
    /// - Throws: `locked` when another process has it, `layout` when it is of another version.
    package init(
        _ path: String, disk: Disk = Disk(fault: .fromEnvironment())
    ) throws(StorageFault) {
        var path = path
        while path.count > 1 && path.last == "/" { path.removeLast() }
        try disk.makeDirectories(path)
        let lock = try Self.lock(path)
        do throws(StorageFault) {
            try Self.checkLayout(path, disk)
            for folder in ["blocks", "blocks/heights", "index", "keys"] {
                try disk.makeDirectories(path + "/" + folder)
            }
        } catch {
            close(lock)
            throw error
        }
        self.path = path
        self.disk = disk
        self.lock = lock
    }

    deinit { close(lock) }

    /// How often the lock is tried for, since a process that is ending may still have it.
    private static let attemptsMax = 10
    private static let attemptMicroseconds: UInt32 = 50_000

    private static func lock(_ path: String) throws(StorageFault) -> Int32 {
        let name = path + "/lock"
        let file = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(.lock, name, code: errno) }
        var attempts = 0
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            attempts += 1
            if code == EWOULDBLOCK, attempts < attemptsMax {
                usleep(attemptMicroseconds)
            } else if code != EINTR {
                close(file)
                if code == EWOULDBLOCK { throw .locked(path: path) }
                throw .failed(.lock, name, code: code)
            }
        }
        // The number is for people; that the lock is held is what counts.
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0, write(file, text, text.count) == text.count else {
            let code = errno
            close(file)
            throw .failed(.lock, name, code: code)
        }
        return file
    }

    private static func checkLayout(_ path: String, _ disk: Disk) throws(StorageFault) {
        let name = path + "/layout"
        if try disk.status(name) == nil {
            guard try disk.status(path + "/index") == nil else {
                throw .layout(path: path, found: "none")
            }
            try disk.replace(name, with: Array((layout + "\n").utf8))
            return
        }
        let text = String(decoding: try disk.read(name, limit: 4096), as: UTF8.self)
        guard text == layout + "\n" else {
            throw .layout(path: path, found: String(text.prefix { $0 != "\n" }))
        }
    }
}
