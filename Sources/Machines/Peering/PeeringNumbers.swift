// SPDX-License-Identifier: Apache-2.0

/// A connection, as the peer host and its own host name it to each other.
///
/// The one who starts a connection numbers it: accepted ones by whoever accepts, dialled ones by
/// the peer host. Neither reuses a number.
package struct ConnectionNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Even for accepted connections, odd for dialled ones.
    package let value: UInt64

    private init(value: UInt64) {
        self.value = value
    }

    /// The `index`-th connection that was accepted, from 0.
    package static func accepted(_ index: UInt64) -> ConnectionNumber {
        ConnectionNumber(value: index * 2)
    }

    /// The `index`-th connection that was dialled, from 0.
    package static func dialled(_ index: UInt64) -> ConnectionNumber {
        ConnectionNumber(value: index * 2 + 1)
    }

    /// Whether this node dialled it.
    package var isDialled: Bool { value % 2 == 1 }

    package var description: String { "connection \(value)" }

    package static func < (lhs: ConnectionNumber, rhs: ConnectionNumber) -> Bool {
        lhs.value < rhs.value
    }
}

/// A stream of a connection.
package struct StreamNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The connection.
    package let connection: ConnectionNumber
    /// The muxer's id.
    package let identifier: UInt32

    init(_ connection: ConnectionNumber, _ identifier: UInt32) {
        self.connection = connection
        self.identifier = identifier
    }

    package var description: String { "\(connection), stream \(identifier)" }

    package static func < (lhs: StreamNumber, rhs: StreamNumber) -> Bool {
        (lhs.connection, lhs.identifier) < (rhs.connection, rhs.identifier)
    }
}

/// A question that this node asked.
package struct RequestNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counts up from 0.
    package let value: UInt64

    package var description: String { "request \(value)" }

    package static func < (lhs: RequestNumber, rhs: RequestNumber) -> Bool {
        lhs.value < rhs.value
    }
}

/// A question that a peer asked.
package struct InboundNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    let stream: StreamNumber

    package var description: String { "question on \(stream)" }

    package static func < (lhs: InboundNumber, rhs: InboundNumber) -> Bool {
        lhs.stream < rhs.stream
    }
}
