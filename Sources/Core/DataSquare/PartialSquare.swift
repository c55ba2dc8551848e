// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

/// A square with holes: a flat buffer, and which places of it are known.
struct PartialSquare {
    let width: Int
    var bytes: [UInt8]
    var isKnown: [Bool]

    var half: Int { width / 2 }

    /// Which shares of an axis are known.
    func pattern(_ axis: Axis, _ index: Int) -> [Bool] {
        axis == .row
            ? Array(isKnown[index * width..<(index + 1) * width])
            : (0..<width).map { isKnown[$0 * width + index] }
    }

    /// The shares of an axis, one after another.
    func line(_ axis: Axis, _ index: Int) -> [UInt8] {
        let size = Share.sizeBytes
        if axis == .row { return Array(bytes[index * width * size..<(index + 1) * width * size]) }
        var line: [UInt8] = []
        line.reserveCapacity(width * size)
        for row in 0..<width {
            let start = (row * width + index) * size
            line.append(contentsOf: bytes[start..<start + size])
        }
        return line
    }

    /// Marks all shares of an axis as known.
    mutating func know(_ axis: Axis, _ index: Int) {
        let step = axis == .row ? 1 : width
        let start = axis == .row ? index * width : index
        for position in 0..<width { isKnown[start + position * step] = true }
    }

    /// Writes the shares of an axis that were not known, and knows them.
    mutating func complete(_ axis: Axis, _ index: Int, with line: [UInt8]) {
        let size = Share.sizeBytes
        for position in 0..<width {
            let place = Coordinate(axis, index, position: position)
            let cell = place.row * width + place.column
            guard !isKnown[cell] else { continue }
            bytes.replaceSubrange(
                cell * size..<(cell + 1) * size, with: line[position * size..<(position + 1) * size]
            )
            isKnown[cell] = true
        }
    }
}

/// Axes of one direction that lost the same shares.
struct SharedLoss {
    let isKept: [Bool]
    var indexes: [Int]

    /// The axes that miss some shares and have k or more, grouped by what they miss.
    static func groups(of square: PartialSquare, _ axis: Axis) -> [SharedLoss] {
        var groups: [SharedLoss] = []
        var known: [[Bool]: Int] = [:]
        for index in 0..<square.width {
            let isKept = square.pattern(axis, index)
            let count = isKept.count { $0 }
            guard count >= square.half, count < square.width else { continue }
            if let last = groups.last, last.isKept == isKept {
                groups[groups.count - 1].indexes.append(index)
            } else if let group = known[isKept] {
                groups[group].indexes.append(index)
            } else {
                known[isKept] = groups.count
                groups.append(SharedLoss(isKept: isKept, indexes: [index]))
            }
        }
        return groups
    }
}
