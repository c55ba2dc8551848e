// SPDX-License-Identifier: Apache-2.0

/// Another node, as machines that do not speak to it themselves name it.
///
/// The name is the text of its peer id; only the role that routes between machines turns it back.
package struct Peer: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name, unique in the network.
    package let name: String

    /// Names a node.
    package init(_ name: String) {
        self.name = name
    }

    package var description: String { name }

    package static func < (lhs: Peer, rhs: Peer) -> Bool {
        lhs.name < rhs.name
    }
}
