// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare
package import Machinery

/// What sampling learned of one block.
package enum SamplingVerdict: Hashable, Sendable {
    /// Every sampled share is held by the network.
    case available
    /// These shares were asked of enough peers and did not come before the deadline.
    case withheld([Coordinate])
}

/// What is kept of one sample, to show later on what a verdict rests.
package struct SampleReceipt: Hashable, Sendable {
    /// Where in the extended square.
    package let coordinate: Coordinate
    /// Who answered.
    package let peer: Peer
    /// SHA-256 of the answer: the share and its proof as they came over the wire.
    package let digest: Bytes32

    /// Names what came, from whom.
    package init(coordinate: Coordinate, peer: Peer, digest: Bytes32) {
        self.coordinate = coordinate
        self.peer = peer
        self.digest = digest
    }
}
