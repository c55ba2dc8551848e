// SPDX-License-Identifier: Apache-2.0

/// How storage nodes serve.
extension FluidWorld {
    /// A request reaches a storage node: it waits for the processor, then for the wire.
    mutating func arrive(_ event: FluidEvent) {
        let number = storageNode(of: event.node, peer: event.peer)
        let cells = event.cells.nonzeroBitCount
        let now = queue.now * 1_000_000
        switch storage[number].manner {
        case .silent: return
        case .empty:
            report.answers += 1
            return back(event, .answer, afterNanoseconds: 0, came: 0)
        case .honest: break
        }
        let waits = max(0, storage[number].freeAt - now)
        if waits > configuration.backlogMilliseconds * 1_000_000 {
            report.overloads += 1
            return back(event, .overload, afterNanoseconds: 0, came: 0)
        }
        let requests = configuration.isSampleMany ? 1 : cells
        let work =
            requests * configuration.requestNanoseconds + cells * configuration.sampleNanoseconds
        let came = event.cells & ~attempts[event.slot][event.node].hidden
        let bytes =
            requests * configuration.answerBytes
            + came.nonzeroBitCount * configuration.sampleBytes
        storage[number].freeAt = max(storage[number].freeAt, now) + work
        let sending = bytes * 8_000 / configuration.uplinkMegabits
        storage[number].sentAt =
            max(storage[number].sentAt, storage[number].freeAt) + sending
        storage[number].busyNanoseconds += work
        storage[number].bytes += bytes
        storage[number].requests += requests
        report.answers += requests
        report.bytes += bytes
        back(event, .answer, afterNanoseconds: storage[number].sentAt - now, came: came)
    }

    /// Sends an answer on its way, with the cells that it holds.
    private mutating func back(
        _ event: FluidEvent, _ kind: FluidEvent.Kind, afterNanoseconds delay: Int, came: UInt16
    ) {
        let due = queue.now + delay / 1_000_000 + drawLatency()
        // What would come after its timeout and the horizon is lost, as a closed stream's is.
        guard due - queue.now < 60_000 else { return }
        queue.add(
            FluidEvent(
                kind, slot: event.slot, node: event.node, peer: event.peer, cells: came,
                round: Int(event.round)
            ).word,
            at: due)
    }
}

/// A storage node as a queue before a processor and a wire.
struct FluidStorageNode {
    enum Manner {
        /// Serves what there is.
        case honest
        /// Says "not found".
        case empty
        /// Says nothing.
        case silent
    }

    let manner: Manner
    /// When the processor is free, in nanoseconds.
    var freeAt = 0
    /// When the wire is free, in nanoseconds.
    var sentAt = 0
    var busyNanoseconds = 0
    var bytes = 0
    var requests = 0
}

/// How a light node's sampling of a block ended.
enum FluidVerdict: UInt8 {
    case undecided
    case available
    /// Some cells came from nobody, and truly nobody has them.
    case withheld
    /// Some cells came from nobody asked, although somebody has them.
    case falselyWithheld
}

/// One thing that happens, in 64 bits.
struct FluidEvent {
    enum Kind: UInt64 {
        case begin, arrive, answer, overload, timeout, found, again, deadline, tick
    }

    let word: UInt64

    init(_ word: UInt64) {
        self.word = word
    }

    init(_ kind: Kind, slot: Int, node: Int, peer: Int, cells: UInt16, round: Int = 0) {
        word =
            kind.rawValue | UInt64(slot) << 4 | UInt64(peer) << 12 | UInt64(cells) << 16
            | UInt64(node) << 32 | UInt64(round & 0xF) << 60
    }

    var kind: Kind {
        guard let kind = Kind(rawValue: word & 0xF) else {
            preconditionFailure("events are made of kinds")
        }
        return kind
    }
    var slot: Int { Int(word >> 4 & 0xFF) }
    var peer: Int { Int(word >> 12 & 0xF) }
    var cells: UInt16 { UInt16(truncatingIfNeeded: word >> 16) }
    var node: Int { Int(word >> 32 & 0xFFF_FFFF) }
    /// The round that it belongs to, modulo 16.
    var round: UInt8 { UInt8(word >> 60) }
}
