// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery
internal import StateTree

/// What peers answer, and what it says of them.
extension SnapshotMachine {
    mutating func answered(
        _ answer: SnapshotAnswer, by peer: Peer, at now: Instant, into effects: inout [Effect]
    ) {
        guard let index = holders.firstIndex(where: { $0.peer == peer }),
            let question = holders[index].question
        else { return }
        holders[index].question = nil
        switch (question, answer) {
        case (.list, .list(let heights)):
            holders[index].heights = heights
            if case .chunks(let height, _, _) = stage {
                holders[index].isUnfit = !heights.contains(height)
            }
        case (.manifest(let height), .manifest(let bytes)):
            manifestCame(bytes, of: height, by: peer, at: now, into: &effects)
        case (.chunk(let height, let number), .chunk(let bytes)):
            chunkCame(Int(number), bytes, of: height, by: peer, at: now, into: &effects)
        case (.list, .none):
            holders[index].heights = []
        case (_, .none):
            holders[index].isUnfit = true
        default:
            penalize(peer, "an answer to another question about snapshots", into: &effects)
        }
    }

    /// A peer that did not answer rests, and after some times it is asked no more for this snapshot.
    mutating func failed(_ peer: Peer, at now: Instant, into effects: inout [Effect]) {
        guard let index = holders.firstIndex(where: { $0.peer == peer }),
            holders[index].question != nil
        else { return }
        holders[index].question = nil
        holders[index].failures += 1
        let failures = holders[index].failures
        let until = now.advanced(
            byMilliseconds: Self.restMilliseconds << UInt64(min(failures - 1, 6)))
        holders[index].restsUntil = until
        effects.append(.wake(at: until))
        if failures >= Self.failuresMax {
            holders[index].isUnfit = true
            // While offers are sought it counts as having none.
            if holders[index].heights == nil { holders[index].heights = [] }
        }
    }

    private mutating func manifestCame(
        _ bytes: [UInt8], of height: UInt64, by peer: Peer, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard case .manifest(height, let root) = stage else { return }
        do throws(DecodeFault) {
            let manifest = try SnapshotManifest.decode(bytes).renumbered(version)
            do throws(SnapshotFault) {
                let restore = try SnapshotRestore(manifest, root: root, store: store)
                version += 1
                doubts = []
                stage = .chunks(height, restore, from: peer)
            } catch {
                penalize(peer, "\(error)", into: &effects)
            }
        } catch {
            penalize(peer, "a manifest that cannot be: \(error)", into: &effects)
        }
    }

    private mutating func chunkCame(
        _ number: Int, _ bytes: [UInt8], of height: UInt64, by peer: Peer, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard case .chunks(height, var restore, let giver) = stage else { return }
        do throws(SnapshotFault) {
            let change = try restore.take(bytes, as: number)
            effects.append(.keep(change))
            stage = .chunks(height, restore, from: giver)
            guard restore.isComplete else { return }
            effects.append(.restored(height: height, restore.tree))
            stage = .idle
            holders = []
            doubts = []
        } catch {
            switch error {
            case .malformed, .otherState, .unknownChunk:
                penalize(peer, "\(error)", into: &effects)
            case .otherCount:
                penalize(giver, "\(error)", into: &effects)
                dropManifest(height, restore, of: giver, into: &effects)
            case .otherBounds:
                doubt(number, peer, height, restore, giver, into: &effects)
            case .tree:
                abandon(into: &effects)
                rest(at: now, into: &effects)
            }
        }
    }

    /// Either the chunk or the manifest is not what an honest holder makes; one peer alone does not
    /// decide which, and neither is penalised.
    private mutating func doubt(
        _ number: Int, _ peer: Peer, _ height: UInt64, _ restore: SnapshotRestore,
        _ giver: Peer, into effects: inout [Effect]
    ) {
        doubts.append((number, peer))
        let others = holders.filter { holder in
            !holder.isUnfit
                && !doubts.contains { $0.number == number && $0.peer == holder.peer }
        }
        let isAlone = others.allSatisfy { $0.peer == giver }
        guard doubts.count(where: { $0.number == number }) >= 2 || isAlone else { return }
        dropManifest(height, restore, of: giver, into: &effects)
    }

    private mutating func dropManifest(
        _ height: UInt64, _ restore: SnapshotRestore, of giver: Peer,
        into effects: inout [Effect]
    ) {
        effects.append(.abandon(version: restore.manifest.version))
        for index in holders.indices {
            holders[index].question = nil
            if holders[index].peer == giver { holders[index].isUnfit = true }
        }
        doubts = []
        stage = .manifest(height, root: restore.manifest.root)
    }

    private mutating func penalize(
        _ peer: Peer, _ reason: String, into effects: inout [Effect]
    ) {
        effects.append(.penalize(peer, reason))
        holders.removeAll { $0.peer == peer }
        peers.removeAll { $0 == peer }
    }
}
