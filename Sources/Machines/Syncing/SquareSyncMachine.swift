// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Fetches the squares of blocks whose headers are known, from whoever has them.
///
/// Newest heights first, a few at once. A peer that has not got a square is passed over for that
/// square; one that sends a square that does not match its header is penalised. Nothing is given
/// up: when all peers were asked, the height rests and goes round again.
package struct SquareSyncMachine: Machine {
    /// What can happen while squares are fetched.
    package enum Event: Sendable {
        /// The header of this height is known and its square is not held.
        case wanted(UInt64)
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// A peer says that it has the square, and named the data root of its header.
        case announced(UInt64, by: Peer)
        /// The square came, matches its header and is stored.
        case stored(UInt64)
        /// The peer does not have the square, or failed to answer.
        case refused(UInt64, by: Peer)
        /// The peer sent a square that is not the header's.
        case lied(UInt64, by: Peer)
        /// Storing failed; the square has to be fetched again later.
        case notStored(UInt64)
        /// Blocks from this height on are refused: their squares are not wanted any more.
        case abandoned(from: UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for the square at a height.
        case request(UInt64, from: Peer)
        /// Never ask `peer` again.
        case penalize(Peer)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many squares are fetched at once; `sync.squaresAtOnce` in Protocol/constants.json.
    package static let squaresAtOnce = 4
    /// How many wanted heights are remembered; `sync.wantedMax`.
    package static let wantedMax = 4_096
    /// How many peers are remembered to hold a wanted square; `sync.holdersMax`.
    package static let holdersMax = 8
    /// How long a height rests when all peers were asked; `sync.restMilliseconds`.
    package static let restMilliseconds: UInt64 = 1_000

    private struct Want {
        let height: UInt64
        var asked: [Peer] = []
        /// Peers that said they have it, asked first.
        var holders: [Peer] = []
        var isRunning = false
        var restsUntil: Instant?
    }

    /// Lowest height first.
    private var wants: [Want] = []
    private var peers: [Peer] = []
    private var liars = LiarList()
    private var turn = 0

    /// Waits for the first wanted height.
    package init() {}

    /// How many heights are wanted and not yet stored.
    package var backlog: Int { wants.count }

    /// How many peers are not asked because they lied.
    package var liarCount: Int { liars.count }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .wanted(let height):
            want(height)
        case .peersChanged(let peers):
            self.peers = peers.filter { !liars.contains($0) }
            for index in wants.indices { wants[index].restsUntil = nil }
        case .announced(let height, let peer):
            announced(height, by: peer)
        case .stored(let height):
            wants.removeAll { $0.height == height }
        case .refused(let height, by: _):
            update(height) { $0.isRunning = false }
        case .lied(let height, let peer):
            if liars.insert(peer) { effects.append(.penalize(peer)) }
            peers.removeAll { $0 == peer }
            update(height) { $0.isRunning = false }
        case .notStored(let height):
            update(height) {
                $0.isRunning = false
                $0.restsUntil = now.advanced(byMilliseconds: Self.restMilliseconds)
            }
            effects.append(.wake(at: now.advanced(byMilliseconds: Self.restMilliseconds)))
        case .abandoned(let height):
            wants.removeAll { $0.height >= height }
        case .woke:
            break
        }
        request(at: now, into: &effects)
    }

    private mutating func want(_ height: UInt64) {
        guard wants.count < Self.wantedMax else { return }
        let index = wants.firstIndex { $0.height >= height } ?? wants.count
        if index < wants.count, wants[index].height == height { return }
        wants.insert(Want(height: height), at: index)
    }

    private mutating func announced(_ height: UInt64, by peer: Peer) {
        guard peers.contains(peer) else { return }
        update(height) {
            guard !$0.holders.contains(peer), $0.holders.count < Self.holdersMax else { return }
            $0.holders.append(peer)
            // It may have been asked before it had the square.
            $0.asked.removeAll { $0 == peer }
            $0.restsUntil = nil
        }
    }

    private mutating func update(_ height: UInt64, _ change: (inout Want) -> Void) {
        guard let index = wants.firstIndex(where: { $0.height == height }) else { return }
        change(&wants[index])
    }

    private mutating func request(at now: Instant, into effects: inout [Effect]) {
        guard !peers.isEmpty else { return }
        var running = wants.count { $0.isRunning }
        for index in wants.indices.reversed() where running < Self.squaresAtOnce {
            if wants[index].isRunning { continue }
            if let rest = wants[index].restsUntil {
                if rest > now { continue }
                wants[index].restsUntil = nil
                wants[index].asked = []
            }
            let asked = wants[index].asked
            let holder = wants[index].holders.first {
                peers.contains($0) && !asked.contains($0)
            }
            guard let peer = holder ?? nextPeer(after: asked) else {
                let rest = now.advanced(byMilliseconds: Self.restMilliseconds)
                wants[index].restsUntil = rest
                effects.append(.wake(at: rest))
                continue
            }
            wants[index].asked.append(peer)
            wants[index].isRunning = true
            running += 1
            effects.append(.request(wants[index].height, from: peer))
        }
    }

    private mutating func nextPeer(after asked: [Peer]) -> Peer? {
        for step in peers.indices {
            let peer = peers[(turn + step) % peers.count]
            if !asked.contains(peer) {
                turn = (turn + step + 1) % peers.count
                return peer
            }
        }
        return nil
    }
}

extension SquareSyncMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let height, let peer): "request square \(height) from \(peer)"
        case .penalize(let peer): "penalize \(peer)"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
