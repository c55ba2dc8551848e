// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
internal import DataSquare
internal import Glibc

/// Putting and removing.
extension SquareStore {
    /// What the file of a block is to hold.
    struct Content {
        let height: Height
        let dataRoot: Bytes32
        /// Of the original square.
        let width: Int
        /// All bytes before the shares.
        let header: [UInt8]
        let shares: ArraySlice<UInt8>
    }

    /// A square that was written in this call, or was there before.
    private struct Placed {
        let height: Height
        let dataRoot: Bytes32
        /// What the index is to learn; nil where it knows it.
        let record: SquareRecord?
        let isEmpty: Bool
    }

    /// Keeps blocks; when it returns they survive a power cut, when it throws none is visible.
    ///
    /// - Throws: `conflict` for a height that has another square.
    package func put(_ blocks: [StoredBlock]) throws(StorageFault) {
        guard !blocks.isEmpty else { return }
        try put(blocks) { (_) throws(StorageFault) in }
    }

    /// Keeps blocks, and what `alongside` changes in the index: all of it or nothing.
    ///
    /// `alongside` may run more than once, as all of an index's changes may.
    func put(
        _ blocks: [StoredBlock],
        alongside: (borrowing KeyValueChange) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        guard slice == nil else { throw .misuse("this store keeps rows, not whole squares") }
        try put(contents: blocks.map { Content($0) }, alongside: alongside)
    }

    /// Keeps the files of blocks, and what `alongside` changes in the index: all of it or nothing.
    func put(
        contents: [Content],
        alongside: (borrowing KeyValueChange) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        try exclusively { () throws(StorageFault) in try putLocked(contents, alongside) }
    }

    private func putLocked(
        _ blocks: [Content],
        _ alongside: (borrowing KeyValueChange) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        var placed: [Placed] = []
        for block in blocks { placed.append(try place(block, after: placed)) }
        if placed.contains(where: { $0.record != nil }) {
            try disk.syncDirectory(directory.blocks)
        }
        for square in placed {
            try link(square.height, to: square.dataRoot, isEmpty: square.isEmpty)
            guard square.record != nil else { continue }
            // A square written anew after damage is another file; its older names must follow.
            for height in try heights(of: square.dataRoot, limit: Self.relinkMax) {
                try link(height, to: square.dataRoot, isEmpty: square.isEmpty)
            }
        }
        if !placed.isEmpty { try disk.syncDirectory(directory.heights) }
        try index.write { (change) throws(StorageFault) in
            try alongside(change)
            for square in placed {
                let root = square.dataRoot.array
                let height = square.height.key
                if let record = square.record { try change.put(.squares, root, record.encode()) }
                try change.put(.heights, height, root)
                try change.put(.squareHeights, root + height, [])
                try change.delete(.damaged, root)
                try change.delete(.removals, Removal.square(square.dataRoot).key)
                try change.delete(.removals, Removal.height(square.height).key)
            }
        }
    }

    /// How many heights of one square get a new link when its file is written anew.
    private static let relinkMax = 1 << 16

    private func place(
        _ block: Content, after placed: [Placed]
    ) throws(StorageFault) -> Placed {
        let dataRoot = block.dataRoot
        let other =
            try self.dataRoot(at: block.height)
            ?? placed.first { $0.height == block.height }?.dataRoot
        guard other == nil || other == dataRoot else { throw .conflict(height: block.height) }
        let isHeld = try contains(.dataRoot(dataRoot))
        if isHeld || placed.contains(where: { $0.dataRoot == dataRoot }) {
            return Placed(
                height: block.height, dataRoot: dataRoot, record: nil,
                isEmpty: block.shares.isEmpty)
        }
        try writeFile(path(dataRoot), header: block.header, storedShares: block.shares)
        return Placed(
            height: block.height, dataRoot: dataRoot,
            record: SquareRecord(
                width: block.width, header: block.header, storedShares: block.shares),
            isEmpty: block.shares.isEmpty)
    }

    private func writeFile(
        _ path: String, header: [UInt8], storedShares: ArraySlice<UInt8>
    ) throws(StorageFault) {
        let temporary = path + Disk.temporarySuffix
        do throws(StorageFault) {
            try disk.create(temporary, [header[...], storedShares])
            let growth = try allocation(temporary) - (try allocation(path))
            try disk.rename(temporary, to: path)
            diskUse.add(growth)
        } catch {
            // On a full disk the half that was written is in the way; the first fault is the one
            // to tell of, and a file that stays is removed at the next start.
            do throws(StorageFault) { try disk.unlink(temporary) } catch {}
            throw error
        }
    }

    /// Gives a square's file its name by height.
    ///
    /// All empty blocks share one file, which soon has more names than a file system allows; so
    /// those names are symbolic links, as celestia-node's are.
    func link(
        _ height: Height, to dataRoot: Bytes32, isEmpty: Bool
    ) throws(StorageFault) {
        let name = path(height: height)
        let file = path(dataRoot)
        if let found = try disk.status(name), let wanted = try disk.status(file),
            found.inode == wanted.inode
        {
            return
        }
        do throws(StorageFault) {
            try makeLink(name, to: file, dataRoot, symbolic: isEmpty)
        } catch {
            guard case .system(.link, _, let code) = error else { throw error }
            switch code {
            case EEXIST:
                try disk.unlink(name)
                try makeLink(name, to: file, dataRoot, symbolic: isEmpty)
            case EMLINK: try makeLink(name, to: file, dataRoot, symbolic: true)
            default: throw error
            }
        }
    }

    private func makeLink(
        _ name: String, to file: String, _ dataRoot: Bytes32, symbolic: Bool
    ) throws(StorageFault) {
        if symbolic {
            try disk.symbolicLink("../" + fileName(dataRoot), at: name)
        } else {
            try disk.link(file, to: name)
        }
    }

    // MARK: Removing

    /// A name that is no longer in the index, and must leave the disk.
    enum Removal: Hashable {
        case height(Height)
        case square(Bytes32)

        var key: [UInt8] {
            switch self {
            case .height(let height): [0] + height.key
            case .square(let dataRoot): [1] + dataRoot.array
            }
        }

        init(key: [UInt8]) throws(StorageFault) {
            switch key.first {
            case 0: self = .height(try Height(key: key.dropFirst()))
            case 1: self = .square(try SquareStore.dataRoot(key.dropFirst()))
            default: throw .corrupt(.index)
            }
        }
    }

    /// Forgets blocks; heights that are not stored are fine.
    ///
    /// A square goes with the last of its heights.
    package func remove(heights: [Height]) throws(StorageFault) {
        try exclusively { () throws(StorageFault) in
            try complete(try forget(heights))
        }
    }

    /// Takes blocks out of the index; gives what is to leave the disk, and what earlier removals
    /// left there when the disk failed them.
    private func forget(_ heights: [Height]) throws(StorageFault) -> [Removal] {
        try index.write { (change) throws(StorageFault) in
            for height in heights {
                let key = height.key
                guard let root = try change.view.get(.heights, key) else { continue }
                try change.delete(.heights, key)
                try change.delete(.squareHeights, root + key)
                try change.put(.removals, Removal.height(height).key, [])
                if try change.view.prefixed(.squareHeights, root, limit: 1).isEmpty {
                    try change.delete(.squares, root)
                    try change.delete(.damaged, root)
                    try change.put(.removals, Removal.square(try Self.dataRoot(root)).key, [])
                }
            }
            return try Self.removals(change.view, limit: .max)
        }
    }

    /// What is to leave the disk.
    static func removals(
        _ view: borrowing KeyValueView, limit: Int
    ) throws(StorageFault) -> [Removal] {
        var removals: [Removal] = []
        for pair in try view.range(.removals, from: [], limit: limit) {
            removals.append(try Removal(key: pair.key))
        }
        return removals
    }

    /// Unlinks what the index has forgotten, and then forgets that it had to.
    func complete(_ removals: [Removal]) throws(StorageFault) {
        guard !removals.isEmpty else { return }
        for removal in removals {
            switch removal {
            case .height(let height): try disk.unlink(path(height: height))
            case .square(let dataRoot):
                cache.remove(dataRoot)
                let size = try allocation(path(dataRoot))
                try disk.unlink(path(dataRoot))
                diskUse.add(-size)
                let root = Hex.encode(dataRoot.array, uppercase: true)
                let diagonal = directory.blocks + "/" + root + Self.diagonalSuffix
                if try disk.status(diagonal) != nil { try disk.unlink(diagonal) }
            }
        }
        try disk.syncDirectory(directory.heights)
        try disk.syncDirectory(directory.blocks)
        try index.write { (change) throws(StorageFault) in
            for removal in removals { try change.delete(.removals, removal.key) }
        }
    }

    /// How celestia-node names the files of the fourth quadrant, which we never need.
    private static let diagonalSuffix = ".q4"
}

extension SquareStore.Content {
    /// A whole square's.
    init(_ block: StoredBlock) {
        self.init(
            height: block.height, dataRoot: block.header.dataRoot, width: block.square.width,
            header: SquareFile.encodeHeader(block.header),
            shares: SquareFile.storedShares(of: block.square))
    }
}
