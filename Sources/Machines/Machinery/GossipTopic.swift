// SPDX-License-Identifier: Apache-2.0

/// What a network's nodes gossip about; each is one topic.
package enum GossipTopic: String, CaseIterable, Hashable, Sendable {
    /// New headers: gossipsub, `/N/header-sub/v0.0.1`, an ExtendedHeader protobuf.
    case headers
    /// Squares that a storage node holds: floodsub, `N/eds-sub/v0.2.0`, height and data hash.
    case squares
    /// Bad-encoding proofs: gossipsub, `/N/fraud-sub/badencodingv0.1/v0.0.1`.
    case fraud

    /// The topic's name in the network `network`; eds-sub has no leading slash, as Celestia has it.
    package func name(network: String) -> String {
        switch self {
        case .headers: "/\(network)/header-sub/v0.0.1"
        case .squares: "\(network)/eds-sub/v0.2.0"
        case .fraud: "/\(network)/fraud-sub/badencodingv0.1/v0.0.1"
        }
    }
}
