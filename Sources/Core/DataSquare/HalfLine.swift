// SPDX-License-Identifier: Apache-2.0

/// The first half of a row or a column as somebody sent it; the second half follows from it.
///
/// Specified in Protocol/24-attestation.md#messages.
public struct HalfLine: Hashable, Sendable {
    /// Which row or column of the extended square.
    public let line: AxisLine
    /// The first k shares, one after the other.
    public let bytes: [UInt8]

    /// Takes the parts as they came.
    public init(_ line: AxisLine, bytes: [UInt8]) {
        self.line = line
        self.bytes = bytes
    }

    /// The first half of a line of a square.
    public init(_ line: AxisLine, of square: ExtendedDataSquare) {
        let half = square.width / 2
        var bytes: [UInt8] = []
        bytes.reserveCapacity(half * Share.sizeBytes)
        for position in 0..<half {
            let place = Coordinate(line.axis, line.index, position: position)
            let start = (place.row * square.width + place.column) * Share.sizeBytes
            bytes += square.bytes[start..<start + Share.sizeBytes]
        }
        self.init(line, bytes: bytes)
    }

    /// All 2k shares of the line, if this is half of the one with the square's root.
    ///
    /// - Throws: `outside` for a line that the square does not have, `shareCount` for anything but
    ///   half a line, `rootMismatch` when the line rebuilt from it has another root.
    public func shares(
        against roots: DataAvailabilityHeader
    ) throws(VerificationFault) -> [Share] {
        guard (0..<roots.width).contains(line.index) else { throw .outside(width: roots.width) }
        let count = bytes.count / Share.sizeBytes
        guard count * Share.sizeBytes == bytes.count, count == roots.originalWidth else {
            throw .shareCount(expected: roots.originalWidth, actual: count)
        }
        let half = (0..<count).map { place in
            Share(counted: Array(bytes[place * Share.sizeBytes..<(place + 1) * Share.sizeBytes]))
        }
        let whole = AxisShares(half: half, isParity: false)
        guard whole.root(ofAxisAt: line.index) == roots.root(of: line.axis, line.index) else {
            throw .rootMismatch(line.axis, index: line.index)
        }
        return whole.shares
    }

    /// Shares of the line with their proofs to its root, by their places in the line.
    ///
    /// Verifies and hashes the line once for all of them. Throws as `shares` does, and `outside` for
    /// a place beyond the line.
    public func samples(
        at positions: [Int], against roots: DataAvailabilityHeader
    ) throws(VerificationFault) -> [VerifiedSample] {
        let shares = try shares(against: roots)
        var tree = NamespacedMerkleTree()
        for (position, share) in shares.enumerated() {
            let place = Coordinate(line.axis, line.index, position: position)
            let namespace =
                place.isOriginal(width: roots.width)
                ? ShareHeader(of: share.bytes[...]).namespace : .parity
            do throws(NamespacedMerkleTree.OrderFault) {
                try tree.push(namespace: namespace, data: share.bytes)
            } catch {
                preconditionFailure("the namespaces of a committed line are in order: \(error)")
            }
        }
        var samples: [VerifiedSample] = []
        for position in positions {
            guard shares.indices.contains(position) else { throw .outside(width: roots.width) }
            samples.append(
                VerifiedSample(
                    trusted: UnverifiedSample(
                        share: shares[position],
                        proof: tree.proof(of: position..<position + 1), axis: line.axis),
                    at: Coordinate(line.axis, line.index, position: position)))
        }
        return samples
    }
}
