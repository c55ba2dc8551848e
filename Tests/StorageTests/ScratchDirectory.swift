// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory for one test, removed with its owner.
final class ScratchDirectory {
    let path: String

    /// Makes one; `inMemory` puts it where syncing costs nothing, if there is such a place.
    ///
    /// A process that is killed leaves a file system in memory as it would one on a disk.
    init(inMemory: Bool = false) throws {
        let memory = URL(filePath: "/dev/shm")
        let root =
            inMemory && FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        let url = root.appending(path: "quadrat-storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    /// A path inside.
    func file(_ name: String) -> String { path + "/" + name }

    /// The names of all files below, in order.
    func everyFile() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    }

    /// Changes bytes of a file in place, as a failing disk would.
    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: file(name))
        var bytes = [UInt8](try Data(contentsOf: url))
        body(&bytes)
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path): \(error)")
        }
    }
}
