// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How many bytes of the disk the squares' files take, counted on as they come and go.
///
/// What counts is what the file system gave them, not how long they are.
final class DiskUse: Sendable {
    private let bytes = Atomic<Int>(0)

    /// What all files take now.
    var sizeBytes: Int { max(0, bytes.load(ordering: .relaxed)) }

    /// A file came, or went: then its size is negative.
    func add(_ sizeBytes: Int) {
        bytes.add(sizeBytes, ordering: .relaxed)
    }
}

extension SquareStore {
    /// What the files of all squares take on the disk, in bytes.
    package var diskUseBytes: Int { diskUse.sizeBytes }

    /// Counts the files that are there.
    func countFiles() throws(StorageFault) {
        for name in try disk.names(in: directory.blocks) where name.hasSuffix(suffix) {
            diskUse.add(try allocation(directory.blocks + "/" + name))
        }
    }

    /// What a file takes; nothing when it is not there.
    func allocation(_ path: String) throws(StorageFault) -> Int {
        try disk.status(path)?.allocatedBytes ?? 0
    }
}
