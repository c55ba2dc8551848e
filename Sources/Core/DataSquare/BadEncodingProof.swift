// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

/// Shows that a committed row or column is no codeword, so that its square must be refused by all.
///
/// Enough proven shares of the line give the whole of it; if that has another root than the
/// committed one, whoever made the header has lied. Wire form: `BadEncoding { bytes HeaderHash = 1;
/// uint64 Height = 2; repeated Share Shares = 3; uint32 Index = 4; axis Axis = 5 }` of the last
/// celestia-node that had it, before v0.31. Specified in
/// Protocol/03-erasure-coding.md#bad-encoding-proof.
public struct BadEncodingProof: Hashable, Sendable {
    /// A share of the line, with its proof to a row root or a column root.
    public struct ProvenShare: Hashable, Sendable {
        /// The share.
        public let share: Share
        /// That it stands in its row or column.
        public let proof: NamespaceProof
        /// Which of the two.
        public let proofAxis: Axis

        /// Takes the parts as they came.
        public init(share: Share, proof: NamespaceProof, proofAxis: Axis) {
            self.share = share
            self.proof = proof
            self.proofAxis = proofAxis
        }
    }

    /// The hash of the block's header.
    public let headerHash: [UInt8]
    /// Which block.
    public let height: UInt64
    /// One place for each share of the line; nil where it is not known.
    public let shares: [ProvenShare?]
    /// Which line of its axis.
    public let index: Int
    /// Whether it is a row or a column.
    public let axis: Axis

    /// Takes the parts as they came.
    public init(
        headerHash: [UInt8], height: UInt64, shares: [ProvenShare?], index: Int, axis: Axis
    ) {
        self.headerHash = headerHash
        self.height = height
        self.shares = shares
        self.index = index
        self.axis = axis
    }

    /// Makes the proof about a line from samples of it, or nil when they do not show bad encoding.
    ///
    /// Samples of other lines are passed over; k distinct ones whose proofs lead to roots of one
    /// axis are enough.
    public static func make(
        headerHash: [UInt8], height: UInt64, axis: Axis, index: Int, samples: [VerifiedSample],
        header: DataAvailabilityHeader
    ) -> BadEncodingProof? {
        for proofAxis in [axis.orthogonal, axis] {
            var shares = [ProvenShare?](repeating: nil, count: header.width)
            for sample in samples
            where sample.coordinate.index(of: axis) == index
                && sample.container.axis == proofAxis
            {
                shares[sample.coordinate.position(on: axis)] = ProvenShare(
                    share: sample.share, proof: sample.container.proof, proofAxis: proofAxis)
            }
            let proof = BadEncodingProof(
                headerHash: headerHash, height: height, shares: shares, index: index, axis: axis)
            do throws(VerificationFault) {
                try proof.verify(height: height, header: header)
                return proof
            } catch {
                continue
            }
        }
        return nil
    }

    /// Returns if bad encoding is proven, and throws otherwise.
    ///
    /// Every share's place is checked, which the reference left to the proof's author, and so is
    /// what the reference did check: that the starts of the proofs never fall from share to share.
    /// The header hash is for the caller to compare, who knows which header `header` came with.
    ///
    /// - Throws: `wrongBlock` for another height, `outside` for a line that the square does not
    ///   have, `shareCount` for too few or too many shares, `proofKind` for falling starts, a
    ///   sample's faults for a share,
    ///   `encodingHolds` when the line is what it should be.
    public func verify(
        height: UInt64, header: DataAvailabilityHeader
    ) throws(VerificationFault) {
        guard self.height == height else { throw .wrongBlock }
        guard index >= 0, index < header.width else { throw .outside(width: header.width) }
        guard shares.count == header.width else {
            throw .shareCount(expected: header.width, actual: shares.count)
        }
        let known = shares.count { $0 != nil }
        guard known >= header.originalWidth else {
            throw .shareCount(expected: header.originalWidth, actual: known)
        }
        let starts = shares.compactMap { $0?.proof.start }
        guard zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw .proofKind }
        for (position, proven) in shares.enumerated() {
            guard let proven else { continue }
            let sample = UnverifiedSample(
                share: proven.share, proof: proven.proof, axis: proven.proofAxis)
            _ = try sample.verify(
                at: Coordinate(axis, index, position: position), against: header)
        }
        if rebuiltRoot == header.root(of: axis, index) { throw .encodingHolds }
    }

    /// The root of the line that the shares make, or nil when that has none: what is restored from
    /// garbage can be out of order, which an honest line never is.
    private var rebuiltRoot: NamespacedHash? {
        let width = shares.count / 2
        do throws(ErasureFault) {
            let code = try ErasureCode(dataCount: width, parityCount: width)
            let all = try code.restored(shares.map { $0?.share.bytes })
            return AxisShares(
                half: all.prefix(width).map { Share(counted: $0) }, isParity: false
            ).root(ofAxisAt: index)
        } catch {
            return nil
        }
    }
}
