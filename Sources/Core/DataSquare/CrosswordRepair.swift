// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels
internal import ErasureCoding

/// Repair one axis at a time, each judged as soon as it is whole: slow, and names the liar.
///
/// The rules are those of celestiaorg/rsmt2d: complete axes are judged first; then rows and columns
/// are taken in turn; a restored axis must have its root, and so must every axis that it completes,
/// whose encoding is checked too. Specified in Protocol/03-erasure-coding.md#repair-verdicts.
struct CrosswordRepair {
    private var work: PartialSquare
    private let header: DataAvailabilityHeader
    private let code: AxisCode

    static func run(
        _ given: PartialSquare, header: DataAvailabilityHeader
    ) throws(RepairFault) -> ExtendedDataSquare {
        var repair = CrosswordRepair(
            work: given, header: header, code: AxisCode.of(width: given.half))
        try repair.judgeCompleteAxes()
        while repair.work.isKnown.contains(false) {
            guard try repair.pass() else { throw .unrepairable }
        }
        return ExtendedDataSquare(checkedWidth: given.width, bytes: repair.work.bytes)
    }

    private func judgeCompleteAxes() throws(RepairFault) {
        for axis in Axis.allCases {
            for index in 0..<work.width where !work.pattern(axis, index).contains(false) {
                try judge(axis, index, work.line(axis, index), isRestored: false)
            }
        }
    }

    /// Tries each row, then the column of the same index; false when nothing could be done.
    private mutating func pass() throws(RepairFault) -> Bool {
        var hasProgressed = false
        for index in 0..<work.width {
            let hasRow = try restore(.row, index)
            let hasColumn = try restore(.column, index)
            hasProgressed = hasProgressed || hasRow || hasColumn
        }
        return hasProgressed
    }

    private mutating func restore(_ axis: Axis, _ index: Int) throws(RepairFault) -> Bool {
        let isKept = work.pattern(axis, index)
        let count = isKept.count { $0 }
        guard count >= work.half, count < work.width else { return false }
        var line = work.line(axis, index)
        restore(&line, isKept)
        try judge(axis, index, line, isRestored: true)
        work.complete(axis, index, with: line)
        for position in 0..<work.width where !isKept[position] {
            let other = axis.orthogonal
            guard !work.pattern(other, position).contains(false) else { continue }
            try judge(other, position, work.line(other, position), isRestored: false)
        }
        return true
    }

    private func restore(_ line: inout [UInt8], _ isKept: [Bool]) {
        do {
            let pattern = try ErasurePattern(code, isKept: isKept)
            unsafe line.withUnsafeMutableBufferPointer { line in
                guard let base = line.baseAddress else { return }
                unsafe code.restore(
                    base, stride: Share.sizeBytes, size: Share.sizeBytes, pattern: pattern)
            }
        } catch {
            preconditionFailure("the axis has k shares or more")
        }
    }

    /// Refuses a whole axis that lacks its root, or is no codeword if its shares came from outside.
    private func judge(
        _ axis: Axis, _ index: Int, _ line: [UInt8], isRestored: Bool
    ) throws(RepairFault) {
        let fault = RepairFault.byzantine(axis, index: index)
        let root = AxisTree.root(of: line, originalCount: index < work.half ? work.half : 0)
        guard root == header.root(of: axis, index) else { throw fault }
        guard isRestored || isCodeword(line) else { throw fault }
    }

    private func isCodeword(_ line: [UInt8]) -> Bool {
        var encoded = line
        restore(&encoded, (0..<work.width).map { $0 < work.half })
        return encoded == line
    }
}

/// The tree of one row or column, by kernels.
enum AxisTree {
    /// The root over shares that stand one after another, a power of two of them.
    ///
    /// The first `originalCount` bear their own namespace; nil when those are out of order.
    static func root(of line: [UInt8], originalCount: Int) -> NamespacedHash? {
        let count = line.count / Share.sizeBytes
        precondition(count >= 2 && count.nonzeroBitCount == 1, "an axis of a square")
        let level = ck_sha256_best()
        let parity = [UInt8](repeating: 0xFF, count: Namespace.sizeBytes)
        var digests = [UInt8](repeating: 0, count: count * SquareForest.digestSize)
        var nodes = [UInt8](repeating: 0, count: count * NamespacedHash.sizeBytes)
        unsafe digests.withUnsafeMutableBufferPointer { digests in
            unsafe line.withUnsafeBufferPointer { line in
                guard let digests = digests.baseAddress, let line = line.baseAddress else { return }
                let parityStart = originalCount * Share.sizeBytes
                _ = unsafe ck_nmt_leaves(
                    level, line, Share.sizeBytes, line, Share.sizeBytes, originalCount, digests)
                _ = unsafe ck_nmt_leaves(
                    level, line + parityStart, Share.sizeBytes, parity, 0, count - originalCount,
                    digests + originalCount * SquareForest.digestSize)
            }
        }
        for leaf in 0..<count {
            let start = leaf * NamespacedHash.sizeBytes
            let share = leaf * Share.sizeBytes
            let namespace =
                leaf < originalCount ? line[share..<share + Namespace.sizeBytes] : parity[...]
            if leaf > 0, leaf < originalCount {
                let before = line[share - Share.sizeBytes..<share - Share.sizeBytes + 29]
                if namespace.lexicographicallyPrecedes(before) { return nil }
            }
            nodes.replaceSubrange(start..<start + 29, with: namespace)
            nodes.replaceSubrange(start + 29..<start + 58, with: namespace)
            nodes.replaceSubrange(
                start + 58..<start + 90, with: digests[leaf * 32..<leaf * 32 + 32])
        }
        _ = unsafe ck_nmt_forest(level, &nodes, 1, count, nil)
        return NamespacedHash(trusted: Array(nodes[..<NamespacedHash.sizeBytes]))
    }
}
