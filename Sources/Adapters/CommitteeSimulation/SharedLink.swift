// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Chain

/// What one member sends another in the timed world.
enum TimedMessage {
    case agreement(AgreementMessage)
    case rows(RowMessage)
}

/// A message on its way with its size on the wire.
final class Parcel {
    let message: TimedMessage
    let bytes: Int

    init(_ message: TimedMessage, bytes: Int) {
        self.message = message
        self.bytes = bytes
    }
}

/// A member's way out: connections share it in turns, a frame each, and in a connection its two
/// streams do, as yamux has it.
struct SharedLink {
    /// A frame, in bytes.
    static let frameBytes = 65_536

    /// Some bytes of a message; with the last of them the message is whole.
    struct Frame {
        let receiver: Int
        let bytes: Int
        /// The message that this ends, if it does.
        let whole: Parcel?
    }

    private struct Stream {
        var parcels: [Parcel] = []
        var next = 0
        /// Bytes of the first that have left.
        var sent = 0

        var isEmpty: Bool { next == parcels.count }
    }

    private struct Connection {
        var streams = [Stream(), Stream()]
        var turn = 0
        var isWaiting = false
    }

    private var connections: [Connection]
    private var waiting: [Int] = []
    private var first = 0
    /// Whether a frame is leaving.
    var isBusy = false
    private(set) var sentBytes = 0

    init(count: Int) {
        connections = [Connection](repeating: Connection(), count: count)
    }

    mutating func add(_ parcel: Parcel, to receiver: Int) {
        let stream = if case .agreement = parcel.message { 0 } else { 1 }
        connections[receiver].streams[stream].parcels.append(parcel)
        guard !connections[receiver].isWaiting else { return }
        connections[receiver].isWaiting = true
        waiting.append(receiver)
    }

    /// The next frame to leave; nil when nothing waits.
    mutating func next() -> Frame? {
        guard first < waiting.count else {
            waiting.removeAll(keepingCapacity: true)
            first = 0
            return nil
        }
        let receiver = waiting[first]
        first += 1
        if first > 4_096 {
            waiting.removeFirst(first)
            first = 0
        }
        let frame = take(from: &connections[receiver], receiver)
        if connections[receiver].streams.allSatisfy(\.isEmpty) {
            connections[receiver].isWaiting = false
        } else {
            waiting.append(receiver)
        }
        sentBytes += frame.bytes
        return frame
    }

    private func take(from connection: inout Connection, _ receiver: Int) -> Frame {
        if connection.streams[connection.turn].isEmpty { connection.turn = 1 - connection.turn }
        let turn = connection.turn
        connection.turn = 1 - turn
        let parcel = connection.streams[turn].parcels[connection.streams[turn].next]
        let count = min(Self.frameBytes, parcel.bytes - connection.streams[turn].sent)
        connection.streams[turn].sent += count
        let isWhole = connection.streams[turn].sent == parcel.bytes
        if isWhole {
            connection.streams[turn].sent = 0
            connection.streams[turn].next += 1
            if connection.streams[turn].isEmpty {
                connection.streams[turn].parcels.removeAll(keepingCapacity: true)
                connection.streams[turn].next = 0
            }
        }
        return Frame(receiver: receiver, bytes: count, whole: isWhole ? parcel : nil)
    }
}
