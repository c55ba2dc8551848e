// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Ledger
internal import Machinery
internal import Peering
internal import StateTree
internal import Syncing

/// A validator's snapshots, taken as its ledger passes their heights, for those who start from them.
extension Node {
    mutating func serveSnapshots() {
        guard configuration.kind == .validator else { return }
        var limits = ServiceLimits(completion: .atEnd(limit: SnapshotExchange.questionMax))
        limits.perPeer = RateLimit(perSecond: 16, burst: 64)
        limits.streamsPerPeer = 8
        peerHost.serve(
            SnapshotExchange.protocolID(network: configuration.network), limits)
    }

    /// Reads what a snapshot consists of, away from the loop, when one was taken.
    mutating func readNewSnapshot(into effects: inout [RoleEffect]) {
        guard let index = producer?.snapshots.firstIndex(where: { !$0.isBeingRead }),
            let snapshot = producer?.snapshots[index]
        else { return }
        producer?.snapshots[index].isBeingRead = true
        let ticket = ticket()
        jobs[ticket] = .snapshotManifest(height: snapshot.height)
        effects.append(.compute(ticket, .snapshotManifest(snapshot.state)))
    }

    mutating func manifestMade(
        _ height: UInt64, _ result: JobResult, into effects: inout [RoleEffect]
    ) {
        guard case .snapshotManifest(let made) = result else {
            preconditionFailure("a manifest is what the job gives")
        }
        switch made {
        case .success(let manifest):
            guard let index = producer?.snapshots.firstIndex(where: { $0.height == height })
            else { return }
            producer?.snapshots[index].manifest = manifest
        case .failure(let fault):
            effects.append(
                .report(.incident("no snapshot of height \(height) can be offered: \(fault)")))
        }
    }

    /// Takes a question for snapshots; returns whether it was one.
    mutating func servedSnapshot(
        _ inbound: InboundNumber, _ name: String, _ bytes: [UInt8],
        into effects: inout [RoleEffect]
    ) -> Bool {
        guard name == SnapshotExchange.protocolID(network: configuration.network) else {
            return false
        }
        do throws(DecodeFault) {
            serve(try SnapshotQuestion(protobuf: bytes), inbound, into: &effects)
        } catch {
            reset(inbound)
        }
        return true
    }

    private mutating func serve(
        _ question: SnapshotQuestion, _ inbound: InboundNumber, into effects: inout [RoleEffect]
    ) {
        let offered = (producer?.snapshots ?? []).filter { $0.manifest != nil }
        switch question {
        case .list:
            reply(inbound, SnapshotAnswer.list(offered.map(\.height)).protobuf)
        case .manifest(let height):
            guard var manifest = offered.first(where: { $0.height == height })?.manifest else {
                return reply(inbound, SnapshotAnswer.none.protobuf)
            }
            if configuration.snapshotMisbehavior == .otherRoot { manifest = manifest.distorted }
            reply(inbound, SnapshotAnswer.manifest(manifest.encode()).protobuf)
        case .chunk(let height, let number):
            if configuration.snapshotMisbehavior == .stalling { return }
            guard let snapshot = offered.first(where: { $0.height == height }),
                let manifest = snapshot.manifest, Int(number) < manifest.ends.count
            else { return reply(inbound, SnapshotAnswer.none.protobuf) }
            // Who asks for more than can be made asks again, or somebody else.
            guard snapshotJobs < NodeLimits.snapshotJobsMax else { return reset(inbound) }
            snapshotJobs += 1
            let ticket = ticket()
            jobs[ticket] = .snapshotChunk(inbound)
            effects.append(
                .compute(ticket, .snapshotChunk(snapshot.state, manifest, Int(number))))
        }
    }

    mutating func chunkMade(_ inbound: InboundNumber, _ result: JobResult) {
        snapshotJobs -= 1
        guard case .snapshotChunk(var bytes) = result else {
            preconditionFailure("a chunk is what the job gives")
        }
        if configuration.snapshotMisbehavior == .wrongChunks, bytes?.isEmpty == false {
            let place = (bytes?.count ?? 0) / 2
            bytes?[place] ^= 1
        }
        reply(inbound, (bytes.map { SnapshotAnswer.chunk($0) } ?? .none).protobuf)
    }
}

extension SnapshotManifest {
    /// One of another state: what a liar sends.
    fileprivate var distorted: SnapshotManifest {
        var bytes = encode()
        bytes[9] ^= 1
        do throws(DecodeFault) {
            return try SnapshotManifest.decode(bytes)
        } catch {
            return self
        }
    }
}
