// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Cryptography
package import DataSquare

/// A block that this node follows, as far as proofs about its square need it.
package struct BlockRoots: Hashable, Sendable {
    /// Which block of the chain.
    package let height: UInt64
    /// Its header's hash.
    package let hash: Bytes32
    /// The roots that its header commits to.
    package let roots: DataAvailabilityHeader
    /// The header itself, where it is at hand: it is kept with a proof.
    package let header: ExtendedHeader?

    /// Names a block.
    package init(
        height: UInt64, hash: Bytes32, roots: DataAvailabilityHeader,
        header: ExtendedHeader? = nil
    ) {
        self.height = height
        self.hash = hash
        self.roots = roots
        self.header = header
    }

    /// The block of a whole header.
    package init(_ header: ExtendedHeader) {
        self.init(
            height: header.height.value, hash: header.hash,
            roots: header.dataAvailabilityHeader, header: header)
    }
}

/// A row or column that may not be what its root should commit to.
package struct SuspectLine: Hashable, Sendable {
    /// Whether it is a row or a column.
    package let axis: Axis
    /// Which one.
    package let index: Int
    /// The share of it to fetch before all others; nil for no preference.
    package var firstPosition: Int?

    /// Names a line.
    package init(_ axis: Axis, _ index: Int, firstPosition: Int? = nil) {
        self.axis = axis
        self.index = index
        self.firstPosition = firstPosition
    }

    /// The places of its shares in the order they are asked for: data before parity.
    package func coordinates(width: Int) -> [Coordinate] {
        var positions = Array(0..<width)
        if let firstPosition {
            positions.removeAll { $0 == firstPosition }
            positions.insert(firstPosition, at: 0)
        }
        return positions.map { Coordinate(axis, index, position: $0) }
    }
}

/// How a square that somebody sent differs from what its header commits to.
///
/// It tells nothing yet about who is to blame: the sender, whose bytes are not the committed ones,
/// or the proposer, who committed to something that is no extended square. The lines named here are
/// looked at to find out.
package struct SquareMismatch: Hashable, Sendable {
    /// Lines whose committed roots are not those of the square's extension; the first of each kind.
    package let lines: [SuspectLine]
    /// Whether the roots that differ are of parity lines alone: then the sender's bytes are the
    /// committed ones, since a root of the upper half binds the data of its row.
    package let isDataRight: Bool
    /// SHA-256 of the shares of the first parity row that differs, as it should be; empty without.
    package let parityRow: [Bytes32]

    /// Names the lines alone.
    package init(lines: [SuspectLine], isDataRight: Bool = false, parityRow: [Bytes32] = []) {
        self.lines = lines
        self.isDataRight = isDataRight
        self.parityRow = parityRow
    }

    /// Compares the extension of what came with the roots; nil when they agree.
    package init?(_ square: CommittedSquare, against roots: DataAvailabilityHeader) {
        guard square.header != roots else { return nil }
        let half = roots.originalWidth
        var lines: [SuspectLine] = []
        var isDataRight = true
        var parityRow: [Bytes32] = []
        for range in [0..<half, half..<roots.width] {
            for axis in Axis.allCases {
                let index = range.first {
                    square.header.root(of: axis, $0) != roots.root(of: axis, $0)
                }
                guard let index else { continue }
                lines.append(SuspectLine(axis, index))
                if index < half { isDataRight = false }
                if index >= half, axis == .row {
                    parityRow = (0..<roots.width).map {
                        SHA256.hash(square.square.shareBytes(row: index, column: $0))
                    }
                }
            }
        }
        self.init(lines: lines, isDataRight: isDataRight, parityRow: parityRow)
    }

    /// What an encoding sidecar that row `row` disagrees with leads to: columns through that row.
    ///
    /// Two different codewords differ in more than half of their shares, so each column shows a
    /// wrong row with a chance of more than a half.
    package init(alarmedRow row: Int, width: Int) {
        let count = min(FraudMachine.alarmColumns, width)
        let bits = count.trailingZeroBitCount
        // The first, the middle one, the quarters: data and parity in turn.
        lines = (0..<count).map { number in
            let place = (0..<bits).reduce(0) { $0 | (number >> $1 & 1) << (bits - 1 - $1) }
            return SuspectLine(.column, place * width / count, firstPosition: row)
        }
        isDataRight = true
        parityRow = []
    }
}

/// A proof that stands: which block it is about, and the bytes that show it to others.
package struct FraudRecord: Hashable, Sendable {
    /// Which block.
    package let height: UInt64
    /// Its header's hash.
    package let headerHash: Bytes32
    /// The proof's message.
    package let proof: [UInt8]
    /// The header with its roots, without which nobody can judge the proof; it is kept apart.
    package var header: ExtendedHeader?

    /// Takes the parts.
    package init(
        height: UInt64, headerHash: Bytes32, proof: [UInt8], header: ExtendedHeader? = nil
    ) {
        self.height = height
        self.headerHash = headerHash
        self.proof = proof
        self.header = header
    }

    /// be64 height ‖ header hash ‖ proof.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        bytes.append(headerHash)
        return bytes + proof
    }

    /// Reads `encode`.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        height = try reader.bigEndian(UInt64.self)
        headerHash = try reader.fixed()
        proof = Array(reader.rest())
    }
}
