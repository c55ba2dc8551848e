// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC
internal import Roles

/// The scenario `liars`: storage nodes that lie are blocked by all that sample, one that keeps data
/// back is passed over, and a validator that encodes wrongly is refused by everybody.
struct DevnetLiars {
    /// How many blocks are posted before anything is looked at.
    private static let postingsMin = 4
    /// How long light nodes have to sample a block or to meet every liar, in milliseconds.
    private static let samplingMilliseconds = 60_000
    /// The pause between two looks at the same thing, in milliseconds.
    static let lookMilliseconds: UInt32 = 200

    /// From which block on the validator encodes wrongly.
    static let wrongHeight: UInt64 = 24
    /// The last block into which something is posted: one that waits for its block must not see it
    /// refused.
    static let postedHeightMax = wrongHeight - 3

    /// Who plays what.
    struct Cast {
        let storageCount: Int
        let lightCount: Int

        /// The numbers of the storage nodes that lie: two, or one where there are few.
        var liars: [Int] {
            storageCount >= 5 ? [storageCount - 2, storageCount - 1] : [storageCount]
        }

        /// The number of the one that keeps data back; none where there are few.
        var withholder: Int? { storageCount >= 5 ? storageCount : nil }

        /// What the nodes are told.
        var plan: DevnetPlan {
            var plan = DevnetPlan(storageCount: storageCount, lightCount: lightCount)
            plan.heartbeatMilliseconds = 2_000
            plan.pollMilliseconds = 500
            plan.logFormat = "json"
            plan.isValidatorTold = true
            plan.misbehave = "wrong-encoding@\(DevnetLiars.wrongHeight)"
            for liar in liars { plan.manners[liar] = .lie }
            if let withholder { plan.manners[withholder] = .withhold }
            return plan
        }
    }

    let network: DevnetNetwork
    let cast: Cast
    var findings: DevnetFindings
    private var postings: [(height: UInt64, blob: Blob)] = []

    init(_ network: DevnetNetwork, _ cast: Cast, _ findings: DevnetFindings) {
        self.network = network
        self.cast = cast
        self.findings = findings
    }

    /// Shows all of it; throws when it cannot go on.
    mutating func tell() throws(CommandFault) {
        try start()
        for _ in 0..<Self.postingsMin { try post() }
        let blockers = try watchBlocking()
        try requireBlocks(blockers)
        try requireAvailability()
        try requireHonestGivers()
        try requireReports()
        try readBack()
        try encodeWrongly()
    }

    // MARK: Who is who

    var liars: [DevnetNetwork.Node] { cast.liars.map { network.storage[$0 - 1] } }

    var withholder: DevnetNetwork.Node? { cast.withholder.map { network.storage[$0 - 1] } }

    /// The storage nodes that do as they should.
    var honest: [DevnetNetwork.Node] {
        network.storage.enumerated().filter { cast.plan.manners[$0.offset + 1] == nil }
            .map(\.element)
    }

    // MARK: Steps

    private mutating func start() throws(CommandFault) {
        findings.step(
            "starting a validator, \(cast.storageCount) storage nodes and \(cast.lightCount) "
                + "light nodes under \(network.home)")
        let watch = try Stopwatch()
        try network.start(cast.plan)
        findings.measured("start_ms", try watch.milliseconds())
        findings.say("all doors open after \(try watch.text())")
        for liar in liars {
            findings.say("\(liar.name) will lie: pieces of another square, with its proofs")
        }
        if let withholder {
            findings.say("\(withholder.name) will say that it has no piece of any square")
        }
    }

    /// Posts a blob of a size and of bytes that follow from how many came before.
    mutating func post() throws(CommandFault) {
        let number = postings.count
        let size = 20_000 + 15_000 * (number % 8)
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ number) }
        let blob: Blob
        do {
            blob = try Blob(
                namespace: try Namespace(userID: Array("liars".utf8)), data: bytes,
                shareVersion: 0, signer: nil)
        } catch {
            throw .failed("the blob: \(error)")
        }
        let height = try network.storage[0].asked { rpc throws(RPCClientFault) in
            try rpc.submit([blob])
        }
        postings.append((height, blob))
        if number == 0 { findings.step("posting blobs at \(network.storage[0].name)") }
        findings.say("block \(height): \(size) bytes")
    }

    /// The newest block of the validator.
    func height() throws(CommandFault) -> UInt64 {
        guard let validator = network.validator else { throw .failed("there is no validator") }
        return try validator.asked { rpc throws(RPCClientFault) in
            try rpc.localHead().height.value
        }
    }

    /// Posts until every light node has blocked every liar, or the time is over.
    ///
    /// - Returns: By light node, the peers that it refuses.
    private mutating func watchBlocking() throws(CommandFault) -> [[String]] {
        let watch = try Stopwatch()
        while true {
            var blocked: [[String]] = []
            for node in network.light { blocked.append(try node.blockedPeers()) }
            let isDone = liars.allSatisfy { liar in
                blocked.allSatisfy { $0.contains(liar.identifier) }
            }
            let isOver = try watch.milliseconds() >= Self.samplingMilliseconds
            if isDone || isOver {
                findings.measured("blocking_ms", try watch.milliseconds())
                findings.step(
                    "who is blocked, after \(postings.count) posts and \(try watch.text()) more")
                return blocked
            }
            try Interruption.sleep(milliseconds: Self.lookMilliseconds)
            if try height() < Self.postedHeightMax { try post() }
        }
    }

    private mutating func requireBlocks(_ blocked: [[String]]) throws(CommandFault) {
        let count = network.light.count
        for liar in liars {
            let blockers = blocked.count { $0.contains(liar.identifier) }
            findings.measured("blockers_of_\(liar.name)", blockers)
            findings.require(
                "\(liar.name) is blocked by all that sample", blockers == count,
                "by \(blockers) of \(count) light nodes")
        }
        let known = liars.map(\.identifier)
        let others = Set(blocked.joined()).subtracting(known)
        findings.require(
            "nobody else is blocked", others.isEmpty,
            others.isEmpty ? "no honest node" : others.sorted().joined(separator: " "))
    }

    private mutating func requireAvailability() throws(CommandFault) {
        findings.step("what \(network.light.count) light nodes concluded")
        let heights = postings.map(\.height)
        let watch = try Stopwatch()
        var waiting = network.light
        while true {
            var late: [DevnetNetwork.Node] = []
            for node in waiting {
                let found = Set(
                    try node.verdicts(NodeLimits.receiptsKept).filter(\.isAvailable).map(\.height))
                if !found.isSuperset(of: heights) { late.append(node) }
            }
            waiting = late
            let isOver = try watch.milliseconds() >= Self.samplingMilliseconds
            if waiting.isEmpty || isOver { break }
            try Interruption.sleep(milliseconds: Self.lookMilliseconds)
        }
        let count = network.light.count
        findings.require(
            "every posted block is available to all", waiting.isEmpty,
            "\(heights.count) blocks, \(count - waiting.count) of \(count) light nodes")
    }

    /// No sample may come from a node that lies or says that it has none.
    private mutating func requireHonestGivers() throws(CommandFault) {
        let dishonest = liars.map(\.identifier) + (withholder.map { [$0.identifier] } ?? [])
        var samples = 0
        var wrong = 0
        var verdicts = 0
        var withheld = 0
        for node in network.light {
            for verdict in try node.verdicts(NodeLimits.receiptsKept) {
                verdicts += 1
                if !verdict.isAvailable { withheld += 1 }
                samples += verdict.givers.count
                wrong += verdict.givers.count { dishonest.contains($0) }
            }
        }
        findings.measured("samples", samples)
        findings.require(
            "no receipt names one that lies or withholds", wrong == 0 && samples > 0,
            "\(wrong) of \(samples) samples, in \(verdicts) verdicts")
        findings.require(
            "nobody took a block for withheld", withheld == 0,
            "\(withheld) of \(verdicts) verdicts say so")
    }

    /// Whoever blocked a liar says so to those who run it.
    private mutating func requireReports() throws(CommandFault) {
        var counted = 0
        var logged = 0
        for node in network.light {
            let metrics = try node.metrics()
            if metrics["quadrat_penalties_total"] ?? 0 >= liars.count { counted += 1 }
            let lines = try DevnetLogLine.read(network.log(of: node.name))
            let named = lines.filter { $0.event == "peer.penalized" }.compactMap {
                $0.fields.member("peer")?.text
            }
            if liars.allSatisfy({ named.contains($0.identifier) }) { logged += 1 }
        }
        let count = network.light.count
        findings.require(
            "metrics and logs tell it", counted == count && logged == count,
            "quadrat_penalties_total of \(counted), peer.penalized in the logs of \(logged) "
                + "of \(count)")
    }

    /// Every blob from an honest node and, with its proof checked here, from a light node.
    private mutating func readBack() throws(CommandFault) {
        findings.step("reading back")
        let nodes = [honest[0], network.light[0]]
        var proven = 0
        for (height, blob) in postings {
            let commitment = ShareCommitment(of: blob)
            for node in nodes {
                let (read, header, proof) = try node.asked { rpc throws(RPCClientFault) in
                    (
                        try rpc.blob(height, blob.namespace, commitment),
                        try rpc.header(height),
                        try rpc.commitmentProof(height, blob.namespace, commitment)
                    )
                }
                do {
                    try header.validate()
                    _ = try proof.verify(
                        commitment: commitment, dataRoot: header.dataAvailabilityHeader.dataRoot)
                } catch {
                    findings.say("block \(height) from \(node.name): \(error)")
                    continue
                }
                let isOfCommittee =
                    header.validatorSet.hash == network.genesis.validatorSet.hash
                if read == blob, isOfCommittee { proven += 1 }
            }
        }
        findings.require(
            "all data comes back with proofs", proven == postings.count * nodes.count,
            "\(proven) of \(postings.count * nodes.count) reads, from "
                + nodes.map(\.name).joined(separator: " and "))
    }
}
