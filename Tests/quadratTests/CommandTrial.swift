// SPDX-License-Identifier: Apache-2.0

import Console
import Foundation
import Synchronization
import quadrat

/// Runs command lines in a directory of their own, and keeps what they said.
final class CommandTrial: Sendable {
    let path: String
    private let said = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "quadrat-commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path): \(error)")
        }
    }

    /// A path inside.
    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file inside and gives its path.
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// The bytes of a file inside.
    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: file(name))))
    }

    /// Runs one command line.
    func run(_ arguments: String...) -> ExitCode { run(arguments) }

    /// Runs one command line.
    func run(_ arguments: [String]) -> ExitCode {
        said.withLock { $0 = ([], []) }
        let terminal = Terminal(
            output: { bytes in self.said.withLock { $0.output += bytes } },
            errors: { bytes in self.said.withLock { $0.errors += bytes } }, isWatched: false)
        return VerbTable.program.run(
            arguments, environment: ["QUADRAT_HOME": path], terminal: terminal)
    }

    /// What the last one printed.
    var output: String { said.withLock { String(decoding: $0.output, as: UTF8.self) } }
    /// What the last one told a person.
    var errors: String { said.withLock { String(decoding: $0.errors, as: UTF8.self) } }
}
