// SPDX-License-Identifier: Apache-2.0

/// What a node makes of a gossiped message: whether it goes on to others, and what its sender earns.
///
/// Source: libp2p gossipsub 1.1, "Extended Validators".
package enum GossipVerdict: String, Hashable, Sendable {
    /// It holds: pass it on and credit the sender.
    case accept
    /// It says nothing new, or cannot be judged now: drop it, nobody is to blame.
    case ignore
    /// It is false: drop it and count it against the sender.
    case reject
}
