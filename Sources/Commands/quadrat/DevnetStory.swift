// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC
internal import Roles

/// What a devnet shows: a file becomes a blob, a square, a certified block; light nodes find it
/// available, also after a storage node is gone; and it comes back with a proof that anybody checks.
struct DevnetStory {
    /// The most bytes of a file that go into one blob.
    static let blobMax = 7_900_000
    /// The most bytes of a file that are posted.
    static let fileMax = 64 << 20
    /// How long a step may take, in milliseconds.
    static let stepMilliseconds: UInt32 = 60_000

    /// Something that is posted.
    struct Posting {
        let name: String
        let blobs: [Blob]
    }

    let network: DevnetNetwork
    let terminal: Terminal
    private let user: RPCClient

    init(_ network: DevnetNetwork, _ terminal: Terminal) {
        precondition(!network.storage.isEmpty, "the user talks to a storage node")
        self.network = network
        self.terminal = terminal
        user = network.storage[0].rpc
    }

    /// Tells the whole story; throws at the first thing that does not hold.
    func tell(_ postings: [Posting]) throws(CommandFault) {
        var heights: [UInt64] = []
        for posting in postings { heights.append(try post(posting)) }
        guard let last = heights.last else { return }
        for height in heights { try watchSampling(of: height) }
        try loseAStorageNode(after: last)
        for (posting, height) in zip(postings, heights) { try readBack(posting, at: height) }
    }

    // MARK: Steps

    private func post(_ posting: Posting) throws(CommandFault) -> UInt64 {
        let size = posting.blobs.reduce(0) { $0 + $1.data.count }
        step("posting \(posting.name): \(size) bytes")
        var height: UInt64 = 0
        for blob in posting.blobs {
            height = try asked { () throws(RPCClientFault) in try user.submit([blob]) }
        }
        let header = try asked { () throws(RPCClientFault) in try user.header(height) }
        let roots = header.dataAvailabilityHeader
        say("block      \(height), certified by \(signers(header)) of the committee's power")
        say(
            "square     \(roots.originalWidth) × \(roots.originalWidth) shares, extended to "
                + "\(roots.width) × \(roots.width)")
        say("data root  \(roots.dataRoot.hex)")
        for blob in posting.blobs {
            say(
                "blob       \(blob.shareCount) shares, commitment "
                    + Base64.encode(ShareCommitment(of: blob).bytes.array))
        }
        let square = try square(at: height, width: roots.width)
        guard ExtendedDataSquare(extending: square).commit() == roots else {
            throw .failed("the node's square is not the header's")
        }
        for line in SquarePicture.lines(square) { say(line) }
        return height
    }

    private func watchSampling(of height: UInt64) throws(CommandFault) {
        step("light nodes sample block \(height)")
        for node in network.light {
            let block = try wait("\(node.name) samples block \(height)") {
                () throws(CommandFault) in
                try sampled(by: node, at: height)
            }
            for count in [1, 2, 4, 8, block.came] where count <= block.came {
                let parts = SamplingConfidence.partsPerMillion(width: block.width, samples: count)
                say(
                    "\(node.name)    after \(pad(count)) of \(block.wanted) samples: "
                        + percent(parts))
            }
            say("\(node.name)    \(block.state), answered by \(block.peers) storage nodes")
            guard block.state == "available" else {
                throw .failed("\(node.name) did not find block \(height) available")
            }
        }
        say("confidence that the square can be recovered, if at most a quarter could be hidden")
    }

    private func loseAStorageNode(after height: UInt64) throws(CommandFault) {
        let lost = network.storage.count - 1
        step("stopping \(network.storage[lost].name)")
        network.stopStorage(lost)
        let next = try asked { () throws(RPCClientFault) in try user.localHead() }.height.value + 2
        for node in network.light {
            let block = try wait("\(node.name) samples block \(next)") {
                () throws(CommandFault) in
                try sampled(by: node, at: next)
            }
            say(
                "\(node.name)    block \(next) \(block.state) without it, "
                    + "\(block.came) samples from \(block.peers) storage nodes")
            guard block.state == "available" else {
                throw .failed("\(node.name) stalled without \(network.storage[lost].name)")
            }
        }
    }

    private func readBack(_ posting: Posting, at height: UInt64) throws(CommandFault) {
        step("reading \(posting.name) back from \(network.light[0].name) and \(user.port)")
        for blob in posting.blobs {
            let commitment = ShareCommitment(of: blob)
            let place = try place(of: blob, from: height)
            for node in [user, network.light[0].rpc] {
                let read = try asked { () throws(RPCClientFault) in
                    try node.blob(place, blob.namespace, commitment)
                }
                guard read == blob else { throw .failed("another blob came back") }
            }
            let header = try asked { () throws(RPCClientFault) in
                try network.light[0].rpc.header(place)
            }
            try check(header)
            let answer = try asked { () throws(RPCClientFault) in
                try user.call("blob.GetCommitmentProof") { writer in
                    writer.number(place)
                    writer.base64(blob.namespace.bytes.array)
                    writer.base64(commitment.bytes.array)
                }
            }
            let range = try check(
                answer, commitment, header.dataAvailabilityHeader.dataRoot)
            say(
                "block \(place): \(blob.data.count) bytes, the same; proof checked offline: shares "
                    + "\(range.lowerBound) to \(range.upperBound - 1) under the data root")
        }
    }

    // MARK: Questions

    /// The header by its own signatures, under the committee of the genesis file.
    private func check(_ header: ExtendedHeader) throws(CommandFault) {
        do throws(HeaderFault) {
            try header.validate()
        } catch {
            throw .failed("the header is not valid: \(error)")
        }
        guard header.validatorSet.hash == network.genesis.validatorSet.hash else {
            throw .failed("the header is not of this chain's committee")
        }
    }

    /// The proof that a blob is under a data root, as anybody checks it without a node.
    private func check(
        _ answer: JSONNode, _ commitment: ShareCommitment, _ dataRoot: Bytes32
    ) throws(CommandFault) -> Range<Int> {
        do {
            return try ProofJSON.commitmentProof(answer).verify(
                commitment: commitment, dataRoot: dataRoot)
        } catch {
            throw .failed("the proof does not hold: \(error)")
        }
    }

    private func place(of blob: Blob, from last: UInt64) throws(CommandFault) -> UInt64 {
        var height = last
        while height > 0 {
            let found = try asked { () throws(RPCClientFault) in
                try user.blobs(height, [blob.namespace])
            }
            if found.contains(blob) { return height }
            height -= 1
        }
        throw .failed("the blob is in no block")
    }

    private func square(at height: UInt64, width: Int) throws(CommandFault) -> OriginalDataSquare {
        let answer = try asked { () throws(RPCClientFault) in
            try user.call("share.GetEDS") { $0.number(height) }
        }
        do {
            var bytes: [UInt8] = []
            for share in answer.member("data_square")?.elements ?? [] {
                bytes += try Base64.decode(share.text ?? "")
            }
            return try ExtendedDataSquare(width: width, bytes: bytes).originalSquare
        } catch {
            throw .failed("share.GetEDS: \(error)")
        }
    }

    private struct SampledBlock {
        let width: Int
        let wanted: Int
        let came: Int
        let peers: Int
        let state: String
    }

    /// What a node's sampling says of a height; nil while it says nothing.
    private func sampled(
        by node: DevnetNetwork.Node, at height: UInt64
    ) throws(CommandFault) -> SampledBlock? {
        let page = try asked { () throws(RPCClientFault) in try node.rpc.page("/sampling") }
        do throws(DecodeFault) {
            for block in try JSONParser.parse(page).elements ?? [] {
                guard block.member("height")?.integer(UInt64.self) == height,
                    let state = block.member("state")?.text, state != "sampling",
                    let width = block.member("width")?.integer(Int.self),
                    let wanted = block.member("wanted")?.integer(Int.self),
                    let came = block.member("came")?.integer(Int.self)
                else { continue }
                let peers = (block.member("peers")?.elements ?? []).compactMap(\.text)
                return SampledBlock(
                    width: width, wanted: wanted, came: came, peers: Set(peers).count,
                    state: state)
            }
            return nil
        } catch {
            throw .failed("\(node.name) tells its sampling badly: \(error)")
        }
    }

    // MARK: Waiting and saying

    private func wait<Value>(
        _ what: String, _ look: () throws(CommandFault) -> Value?
    ) throws(CommandFault) -> Value {
        for _ in 0..<Self.stepMilliseconds / 50 {
            if let value = try look() { return value }
            try Interruption.sleep(milliseconds: 50)
        }
        throw .failed("\(what): not within \(Self.stepMilliseconds / 1_000) s")
    }

    private func asked<Value>(
        _ question: () throws(RPCClientFault) -> Value
    ) throws(CommandFault) -> Value {
        do throws(RPCClientFault) {
            return try question()
        } catch {
            throw CommandFault(error)
        }
    }

    private func signers(_ header: ExtendedHeader) -> String {
        let signed = zip(header.commit.signatures, header.validatorSet.validators)
            .filter { $0.0.flag == .commit }.reduce(0) { $0 + $1.1.votingPower }
        return "\(signed * 100 / header.validatorSet.totalVotingPower) %"
    }

    private func percent(_ parts: Int) -> String {
        let thousandths = parts / 10
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest) %"
    }

    private func pad(_ number: Int) -> String {
        number < 10 ? " \(number)" : "\(number)"
    }

    private func step(_ text: String) {
        terminal.print("")
        terminal.print("● \(text)")
    }

    private func say(_ text: String) {
        terminal.print("  \(text)")
    }
}
