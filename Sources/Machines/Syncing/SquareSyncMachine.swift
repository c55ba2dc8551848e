// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Fetches the squares of blocks whose headers are known, from whoever has them.
///
/// Newest heights first, a few at once. A peer that has not got a square rests for that square, from
/// one refusal to the next twice as long, and is then asked again whatever others did; one that
/// sends a square that does not match its header is penalised. Nothing is given up: a square that
/// all peers refused more than once is `unavailable` as a whole, and perhaps to be had in pieces.
package struct SquareSyncMachine: Machine {
    /// What can happen while squares are fetched.
    package enum Event: Sendable {
        /// The header of this height is known and its square is not held.
        case wanted(UInt64)
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// Whether peers have enough rows of squares together for these to be repaired, as far as they
        /// said so; then none of them need have whole ones.
        case piecesHeld(Bool)
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
        /// Pieces did not give the square either; it is asked for as a whole again.
        case notRepaired(UInt64)
        /// Nothing below this height is wanted any more.
        case horizon(UInt64)
        /// Nothing is fetched from now on, or again; what is under way ends.
        case paused(Bool)
        /// Blocks from this height on are refused: their squares are not wanted any more.
        case abandoned(from: UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for the square at a height.
        case request(UInt64, from: Peer)
        /// All peers refused the square: get it in pieces, and say `stored` or `notRepaired`.
        case unavailable(UInt64)
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
    /// How long a peer rests for a square that it refused; `sync.restMilliseconds`.
    package static let restMilliseconds: UInt64 = 1_000
    /// How often that rest is doubled; `sync.restDoublings`.
    package static let restDoublings = 6
    /// How often every peer refuses a square before it counts as unavailable;
    /// `sync.refusalsMax`.
    package static let refusalsMax = 3

    /// A peer that was asked for a square.
    fileprivate struct Asked {
        let peer: Peer
        var refusals = 0
        var restsUntil: Instant?
    }

    fileprivate struct Want {
        let height: UInt64
        var asked: [Asked] = []
        /// Peers that said they have it, asked first.
        var holders: [Peer] = []
        var isRunning = false
        var isInPieces = false
        /// How often pieces did not give it, and until when they are not tried again.
        var failedRepairs = 0
        var piecesRestUntil: Instant?
        var restsUntil: Instant?
    }

    /// Lowest height first.
    private var wants: [Want] = []
    private var peers: [Peer] = []
    private var liars = LiarList()
    private var turn = 0
    private var isPaused = false
    private var arePiecesHeld = false
    private var wakeAsked: Instant?

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
            for index in wants.indices {
                wants[index].restsUntil = nil
                wants[index].piecesRestUntil = nil
                wants[index].asked.removeAll { !peers.contains($0.peer) }
            }
        case .piecesHeld(let areHeld):
            arePiecesHeld = areHeld
        case .announced(let height, let peer):
            announced(height, by: peer)
        case .stored(let height):
            wants.removeAll { $0.height == height }
        case .refused(let height, let peer):
            update(height) { $0.refused(by: peer, at: now) }
        case .lied(let height, let peer):
            if liars.insert(peer) { effects.append(.penalize(peer)) }
            peers.removeAll { $0 == peer }
            update(height) { $0.isRunning = false }
        case .notStored(let height):
            update(height) {
                $0.isRunning = false
                $0.isInPieces = false
                $0.asked = []
                $0.restsUntil = now.advanced(byMilliseconds: Self.restMilliseconds)
            }
            if !isPaused {
                effects.append(.wake(at: now.advanced(byMilliseconds: Self.restMilliseconds)))
            }
        case .notRepaired(let height):
            update(height) {
                $0.isInPieces = false
                for index in $0.asked.indices { $0.asked[index].refusals = 0 }
                let doublings = UInt64(min($0.failedRepairs, Self.restDoublings))
                $0.failedRepairs += 1
                $0.piecesRestUntil = now.advanced(
                    byMilliseconds: Self.restMilliseconds << doublings)
            }
        case .horizon(let height):
            wants.removeAll { $0.height < height && !$0.isRunning }
        case .paused(let isPaused):
            self.isPaused = isPaused
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
            $0.asked.removeAll { $0.peer == peer && $0.restsUntil != nil }
            $0.restsUntil = nil
        }
    }

    private mutating func update(_ height: UInt64, _ change: (inout Want) -> Void) {
        guard let index = wants.firstIndex(where: { $0.height == height }) else { return }
        change(&wants[index])
    }

    private mutating func request(at now: Instant, into effects: inout [Effect]) {
        guard !peers.isEmpty || arePiecesHeld, !isPaused else { return }
        var running = wants.count { $0.isRunning }
        var earliest: Instant?
        for index in wants.indices.reversed() where running < Self.squaresAtOnce {
            if wants[index].isRunning { continue }
            if !wants[index].isInPieces, wants[index].isRefused(by: peers) {
                if let rest = wants[index].piecesRestUntil, rest > now, peers.isEmpty {
                    earliest = min(earliest ?? rest, rest)
                    continue
                }
                wants[index].isInPieces = true
                effects.append(.unavailable(wants[index].height))
            }
            if let rest = wants[index].restsUntil, rest > now {
                earliest = min(earliest ?? rest, rest)
                continue
            }
            wants[index].restsUntil = nil
            if let peer = nextPeer(for: wants[index], at: now) {
                wants[index].ask(peer)
                running += 1
                effects.append(.request(wants[index].height, from: peer))
            } else if let rest = wants[index].asked.compactMap(\.restsUntil).min() {
                wants[index].restsUntil = rest
                earliest = min(earliest ?? rest, rest)
            }
        }
        guard let earliest else { return }
        if let wakeAsked, wakeAsked > now, wakeAsked <= earliest { return }
        wakeAsked = earliest
        effects.append(.wake(at: earliest))
    }

    private mutating func nextPeer(for want: Want, at now: Instant) -> Peer? {
        if let holder = want.holders.first(where: {
            peers.contains($0) && want.mayAsk($0, at: now)
        }) {
            return holder
        }
        for step in peers.indices {
            let peer = peers[(turn + step) % peers.count]
            if want.mayAsk(peer, at: now) {
                turn = (turn + step + 1) % peers.count
                return peer
            }
        }
        return nil
    }
}

extension SquareSyncMachine.Want {
    fileprivate mutating func ask(_ peer: Peer) {
        isRunning = true
        if let index = asked.firstIndex(where: { $0.peer == peer }) {
            asked[index].restsUntil = nil
        } else {
            asked.append(SquareSyncMachine.Asked(peer: peer))
        }
    }

    fileprivate mutating func refused(by peer: Peer, at now: Instant) {
        isRunning = false
        guard let index = asked.firstIndex(where: { $0.peer == peer }) else { return }
        let doublings = min(asked[index].refusals, SquareSyncMachine.restDoublings)
        asked[index].refusals += 1
        asked[index].restsUntil = now.advanced(
            byMilliseconds: SquareSyncMachine.restMilliseconds << UInt64(doublings))
    }

    /// Whether a peer was not asked yet, or has rested since it refused.
    fileprivate func mayAsk(_ peer: Peer, at now: Instant) -> Bool {
        guard let asked = asked.first(where: { $0.peer == peer }) else { return true }
        return asked.restsUntil.map { $0 <= now } ?? false
    }

    /// Whether every peer refused the square often enough to believe that none has it.
    fileprivate func isRefused(by peers: [Peer]) -> Bool {
        peers.allSatisfy { peer in
            asked.contains {
                $0.peer == peer && $0.refusals >= SquareSyncMachine.refusalsMax
            }
        }
    }
}

extension SquareSyncMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let height, let peer): "request square \(height) from \(peer)"
        case .unavailable(let height): "unavailable \(height)"
        case .penalize(let peer): "penalize \(peer)"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
