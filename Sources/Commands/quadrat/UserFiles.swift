// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import FoundationEssentials
internal import Glibc
internal import Storage

/// Files that a person names; `-` is standard input.
enum UserFiles {
    /// The bytes of a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(CommandFault) -> [UInt8] {
        if path == "-" { return try readInput(limit: limit) }
        guard let bytes = try readIfPresent(path, limit: limit) else {
            throw .failed("there is no file \(path)")
        }
        return bytes
    }

    /// The bytes of a file, or nil where there is none.
    static func readIfPresent(_ path: String, limit: Int) throws(CommandFault) -> [UInt8]? {
        do throws(StorageFault) {
            return try Disk().read(path, limit: limit)
        } catch {
            if case .missing = error { return nil }
            throw CommandFault(error)
        }
    }

    /// Writes a file as a whole, over one that is there.
    static func write(_ bytes: [UInt8], to path: String) throws(CommandFault) {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .failed("\(path) cannot be written")
        }
    }

    private static func readInput(limit: Int) throws(CommandFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .failed("standard input cannot be read")
            }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else {
                throw .failed("standard input is longer than \(limit) bytes")
            }
        }
    }
}
