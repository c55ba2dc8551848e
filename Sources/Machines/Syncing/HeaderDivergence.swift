// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import Machinery

/// Two headers of one height, each signed as only a committee that was trusted can sign.
///
/// It shows that more than a third of that committee signed both, whatever else is true; so it is
/// kept, and nothing is followed until somebody says which of the two is the chain. What CometBFT's
/// detector calls a light client attack. Specified in Protocol/15-light-clients.md#divergence.
package struct HeaderDivergence: Equatable, Sendable {
    /// The header that this node follows.
    package let ours: ChainHeader
    /// The other, without roots.
    package let theirs: ChainHeader
    /// Who showed it.
    package let witness: Peer

    /// Names what was seen.
    package init(ours: ChainHeader, theirs: ChainHeader, witness: Peer) {
        self.ours = ours.withoutRoots
        self.theirs = theirs.withoutRoots
        self.witness = witness
    }

    /// The small record's name.
    package static let name = "divergence"

    /// The record: both light blocks, each as header, commit and validator set behind its length,
    /// then the witness; `quadrat.v1.Divergence`.
    package var record: [UInt8] {
        var writer = ProtobufWriter()
        for header in [ours, theirs] {
            writer.message(header == ours ? 1 : 2) { block in
                block.presentBytes(1, header.signedHeader.protobuf)
                block.presentBytes(2, header.validatorSet.protobuf)
            }
        }
        writer.string(3, witness.name)
        return writer.bytes
    }

    /// One line for an operator.
    package var summary: String {
        "height \(ours.height): header \(ours.hash.hex) and header \(theirs.hash.hex) (from "
            + "\(witness)) are both signed by the committee. Nothing is followed any more, and all "
            + "that listen are told. Learn "
            + "from somebody you trust which of them is the chain, and start on an empty data "
            + "directory with the hash of a recent header of it as the trusted one"
    }
}
