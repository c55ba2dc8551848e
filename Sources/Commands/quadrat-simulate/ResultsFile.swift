// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import Glibc

/// Runs that are done, a line each, so that many can be broken off and taken up again.
final class ResultsFile {
    /// The outcomes that the file had, by the runs' names.
    private(set) var kept: [String: CommitteeOutcome] = [:]
    private let stream: UnsafeMutablePointer<FILE>
    private let path: String

    /// Opens a file, or begins one; a last line that was not written whole counts for nothing.
    init(_ path: String) throws(CommandFault) {
        self.path = path
        guard let stream = unsafe fopen(path, "a+") else {
            throw .failed("\(path) cannot be written: error \(errno)")
        }
        unsafe self.stream = stream
        unsafe rewind(stream)
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(stream), byte != EOF {
            if byte == 10 {
                take(bytes)
                bytes = []
            } else if bytes.count < 512 {
                bytes.append(UInt8(truncatingIfNeeded: byte))
            }
        }
        if !bytes.isEmpty { _ = unsafe fputs("\n", stream) }
    }

    deinit { _ = unsafe fclose(stream) }

    private func take(_ line: [UInt8]) {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count > 3, let outcome = CommitteeOutcome(words.dropFirst(3)) else { return }
        kept[words.prefix(3).joined(separator: " ")] = outcome
    }

    /// Writes one run down.
    func add(_ name: String, _ outcome: CommitteeOutcome) throws(CommandFault) {
        let isWritten = unsafe fputs("\(name) \(outcome.line)\n", stream) >= 0
        guard isWritten, unsafe fflush(stream) == 0 else {
            throw .failed("\(path) cannot be written: error \(errno)")
        }
    }
}
