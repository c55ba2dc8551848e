// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

extension ExtendedDataSquare {
    /// Rebuilds a square from some of its shares, or names a row or column that lies.
    ///
    /// `bytes` is the square's buffer, in which only the shares that `isKnown` (row-major) names
    /// mean anything. First everything is restored and the whole is judged by its roots, which is
    /// right for every honest square; only if that fails are rows and columns taken one by one, so
    /// that a liar is named. Specified in Protocol/03-erasure-coding.md#repair.
    ///
    /// - Throws: `shape` for input of another width than the header's, `byzantine` for an axis that
    ///   is not what its root commits to, `unrepairable` when too little is known.
    public static func repair(
        width: Int, bytes: consuming [UInt8], isKnown: [Bool], header: DataAvailabilityHeader,
        parallel: ParallelLoop = .serial
    ) throws(RepairFault) -> ExtendedDataSquare {
        guard width == header.width else { throw .shape(.width(width)) }
        let size = width * width * Share.sizeBytes
        guard bytes.count == size, isKnown.count == width * width else {
            throw .shape(.size(expected: size, actual: bytes.count))
        }
        var work = PartialSquare(width: width, bytes: bytes, isKnown: isKnown)
        if restoreAtOnce(&work, header: header, parallel: parallel) {
            return ExtendedDataSquare(checkedWidth: width, bytes: work.bytes)
        }
        // What was known has not been touched.
        work.isKnown = isKnown
        return try CrosswordRepair.run(work, header: header)
    }

    /// Rebuilds a square from its shares by place, row-major; nil for those that are missing.
    ///
    /// - Throws: as the form that takes a buffer; a share of another size than 512 is `shape`.
    public static func repair(
        width: Int, cells: [[UInt8]?], header: DataAvailabilityHeader,
        parallel: ParallelLoop = .serial
    ) throws(RepairFault) -> ExtendedDataSquare {
        guard width == header.width else { throw .shape(.width(width)) }
        let size = width * width * Share.sizeBytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        let hole = [UInt8](repeating: 0, count: Share.sizeBytes)
        for cell in cells.prefix(width * width) { bytes.append(contentsOf: cell ?? hole) }
        guard cells.allSatisfy({ $0 == nil || $0?.count == Share.sizeBytes }) else {
            throw .shape(.size(expected: size, actual: bytes.count))
        }
        return try repair(
            width: width, bytes: bytes, isKnown: cells.map { $0 != nil }, header: header,
            parallel: parallel)
    }

    /// Restores without looking, then judges: false unless all places are restored, every axis is a
    /// codeword in order of namespaces, and all roots are the header's.
    private static func restoreAtOnce(
        _ work: inout PartialSquare, header: DataAvailabilityHeader, parallel: ParallelLoop
    ) -> Bool {
        let knownCount = work.isKnown.count { $0 }
        while work.isKnown.contains(false) {
            let rows = restore(.row, of: &work, parallel: parallel)
            let columns = restore(.column, of: &work, parallel: parallel)
            guard rows || columns else { return false }
        }
        do {
            try ShareGrid.checkNamespaceOrder(
                of: work.bytes, originalWidth: work.half, pitchShares: work.width)
        } catch {
            return false
        }
        let square = ExtendedDataSquare(checkedWidth: work.width, bytes: work.bytes)
        // What k² shares determine is a codeword on every axis; more may contradict each other.
        if knownCount > work.half * work.half {
            guard square.isEncoded(parallel: parallel) else { return false }
        }
        return square.commit(parallel: parallel) == header
    }

    /// Restores every axis of a direction that has k shares; false when there was none to restore.
    private static func restore(
        _ axis: Axis, of work: inout PartialSquare, parallel: ParallelLoop
    ) -> Bool {
        let groups = SharedLoss.groups(of: work, axis)
        guard !groups.isEmpty else { return false }
        let code = AxisCode.of(width: work.half)
        unsafe work.bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            // Turns write to disjoint rows or columns.
            nonisolated(unsafe) let base = unsafe start
            for group in groups {
                let pattern = pattern(code, group.isKept)
                parallel.forEachRange(of: group.indexes.count, unit: 4) { turn in
                    let lines = Array(group.indexes[turn])
                    if axis == .row {
                        unsafe code.restoreRows(
                            lines, of: base, shareSize: Share.sizeBytes, pattern: pattern)
                    } else {
                        unsafe code.restoreColumns(
                            lines, of: base, shareSize: Share.sizeBytes, pattern: pattern)
                    }
                }
            }
        }
        for group in groups {
            for index in group.indexes { work.know(axis, index) }
        }
        return true
    }

    private static func pattern(_ code: AxisCode, _ isKept: [Bool]) -> ErasurePattern {
        do {
            return try ErasurePattern(code, isKept: isKept)
        } catch {
            preconditionFailure("a group has k shares or more of each axis")
        }
    }

    /// Whether every row and every column is a codeword.
    public func isEncoded(parallel: ParallelLoop = .serial) -> Bool {
        let code = AxisCode.of(width: originalWidth)
        let turns = TurnFlags(count: width)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            nonisolated(unsafe) let base = unsafe start
            // Rows of the upper half and all columns: the lower rows follow, the code being linear.
            parallel.forEachRange(of: originalWidth, unit: 1) { rows in
                if unsafe !code.areRowsEncoded(rows, of: base, shareSize: Share.sizeBytes) {
                    turns.fail(rows.lowerBound)
                }
            }
            parallel.forEachRange(of: width, unit: 4) { columns in
                if unsafe !code.areColumnsEncoded(columns, of: base, shareSize: Share.sizeBytes) {
                    turns.fail(columns.lowerBound)
                }
            }
        }
        return !turns.hasFailed
    }
}

/// One flag a turn, written by that turn alone.
@safe private final class TurnFlags: @unchecked Sendable {
    private let flags: UnsafeMutableBufferPointer<Bool>

    init(count: Int) {
        unsafe flags = .allocate(capacity: count)
        unsafe flags.initialize(repeating: false)
    }

    deinit { unsafe flags.deallocate() }

    func fail(_ index: Int) { unsafe flags[index] = true }

    var hasFailed: Bool { unsafe flags.contains(true) }
}
