// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import DataSquare
internal import FoundationEssentials
internal import Glibc
internal import RPC

/// `quadrat devnet`: a whole network on this machine, and the main job before one's eyes.
enum DevnetCommand {
    /// The namespaces that the story posts in.
    private static let fileNamespace: [UInt8] = [0x71, 0x75, 0x61, 0x64, 0x72, 0x61, 0x74]
    private static let blockBytesMax = 16 << 20

    static let verb = Verb(
        "devnet", "start a network on this machine and show what it does",
        discussion: """
            Starts a validator, storage nodes and light nodes as processes on loopback, posts a \
            file, shows the square, watches it being sampled, stops a storage node, reads the file \
            back with a proof, and stays up until Ctrl-C. Users connect to the first storage node.

            With --scenario liars some storage nodes lie and one keeps data back, then the \
            validator encodes wrongly: it ends with status 0 only if they are found out by all. With \
            --scenario double-sign one of four validators signs twice and is slashed.
            """,
        options: [
            Option("file", .text("FILE"), "what to post"),
            Option(
                "celestia-block", .text("FILE"),
                "a Celestia block in JSON whose blobs are posted too"),
            Option(
                "home", .text("DIR"),
                "where the network is kept; a new directory in /tmp if not said"
            ),
            Option(
                "validators", .integer("COUNT", 1...20), "how many make blocks together; 1"),
            Option(
                "storage-nodes", .integer("COUNT", 2...20),
                "how many keep squares; 3, in the scenario 7"),
            Option(
                "light-nodes", .integer("COUNT", 1...50), "how many sample; 2, in the scenario 30"),
            Option(
                "rpc-port", .integer("PORT", 0...65_535),
                "where users connect to; 26658, in the scenario any; 0 takes any"),
            Option("scenario", .text("NAME"), "show this instead of the story: liars, double-sign"),
            Option(
                "once", .flag,
                "end after the story; with exit code 5 if a node refuses a block as wrongly encoded"
            ),
            Option("no-story", .flag, "only start the network"), StandardOptions.misbehave,
            StandardOptions.json,
        ],
        examples: [
            "devnet", "devnet --file picture.png --once", "devnet --scenario liars",
        ],
        action: { call throws(CommandFault) in
            try run(call)
            return .done
        })

    private static func run(_ call: Invocation) throws(CommandFault) {
        if let name = call.text("scenario") { return try DevnetScenario.run(name, call) }
        // The validator reads it again, with its key; what cannot be read is told before it starts.
        let misbehavior = try StandardOptions.misbehavior(call) { Bytes32() }
        if misbehavior != nil, !call.flag("no-story") {
            throw .usage("--misbehave spoils the story", hint: "give --no-story too")
        }
        let postings = call.flag("no-story") ? [] : try postings(call)
        let validatorCount = Int(try call.integer("validators") ?? 1)
        let storageCount = Int(try call.integer("storage-nodes") ?? 3)
        let lightCount = Int(try call.integer("light-nodes") ?? 2)
        let home = try home(call)
        Interruption.watch()
        let network = try DevnetNetwork(
            home: home, validatorCount: validatorCount, storageCount: storageCount,
            lightCount: lightCount,
            rpcPort: UInt16(try call.integer("rpc-port") ?? 26_658))
        defer { network.stopAll() }
        let terminal = call.terminal
        if !call.flag("json") {
            terminal.print(
                "● starting \(validatorCount == 1 ? "a validator" : "\(validatorCount) validators"), "
                    + "\(storageCount) storage nodes and \(lightCount) light "
                    + "nodes under \(home)")
        }
        var plan = DevnetPlan(
            validatorCount: validatorCount, storageCount: storageCount, lightCount: lightCount)
        plan.misbehave = call.text("misbehave")
        try network.start(plan)
        if !call.flag("json") {
            for node in network.validators + network.storage + network.light {
                terminal.print("  \(node.name)\t\(node.rpcURL)\t\(node.peer)")
            }
        }
        try DevnetStory(network, terminal).tell(postings)
        try announce(network, call)
        if call.flag("once") {
            // The story stops one of the storage nodes.
            for node in network.storage + network.light where node.process.isRunning {
                guard let height = try node.refusedHeight() else { continue }
                throw CommandFault(.refused, "\(node.name) refuses block \(height), with a proof")
            }
            return
        }
        while !Interruption.isAsked {
            usleep(200_000)
            if call.flag("no-story"), let name = network.endedNode {
                throw .failed("\(name) ended; see \(home)/logs/\(name).log")
            }
        }
        terminal.note("stopping")
    }

    private static func announce(
        _ network: DevnetNetwork, _ call: Invocation
    ) throws(CommandFault) {
        let url = network.storage[0].rpcURL
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object {
                    $0.member("event", "ready")
                    $0.member("rpc", url)
                    $0.member("home", network.home)
                }
            })
            return
        }
        call.terminal.print("")
        call.terminal.print("● the network is up: RPC at \(url), no token needed")
        call.terminal.print("  quadrat blob submit 0badcafe=FILE --node \(url)")
        if !call.flag("once") { call.terminal.print("  Ctrl-C stops it") }
    }

    // MARK: What is posted

    private static func postings(
        _ call: Invocation
    ) throws(CommandFault) -> [DevnetStory.Posting] {
        var postings: [DevnetStory.Posting] = []
        if let path = call.text("file") {
            let bytes = try UserFiles.read(path, limit: DevnetStory.fileMax)
            guard !bytes.isEmpty else { throw .failed("\(path) is empty") }
            postings.append(try posting(path, bytes))
        } else {
            let text = "Quadrat: data that is there for everyone to check.\n"
            postings.append(
                try posting("a text", Array(String(repeating: text, count: 200).utf8)))
        }
        if let path = call.text("celestia-block") {
            postings.append(
                DevnetStory.Posting(name: "the blobs of \(path)", blobs: try blobs(of: path)))
        }
        return postings
    }

    private static func posting(
        _ name: String, _ bytes: [UInt8]
    ) throws(CommandFault) -> DevnetStory.Posting {
        var blobs: [Blob] = []
        for start in stride(from: 0, to: bytes.count, by: DevnetStory.blobMax) {
            let part = Array(bytes[start...].prefix(DevnetStory.blobMax))
            do {
                blobs.append(
                    try Blob(
                        namespace: try Namespace(userID: fileNamespace), data: part,
                        shareVersion: 0, signer: nil))
            } catch {
                throw .failed("\(name): \(error)")
            }
        }
        return DevnetStory.Posting(name: name, blobs: blobs)
    }

    /// The blobs of a Celestia block as its RPC gives it: `block.data.txs`, each in base64.
    private static func blobs(of path: String) throws(CommandFault) -> [Blob] {
        let text = try UserFiles.read(path, limit: blockBytesMax)
        do throws(DecodeFault) {
            let value = try JSONParser.parse(text)
            var blobs: [Blob] = []
            for transaction in CelestiaBlock.transactions(value) {
                let bytes = try Base64.decode(transaction)
                if let carrier = try BlobTransaction.decodeIfMarked(bytes, reading: .historical) {
                    blobs += carrier.blobs
                }
            }
            guard !blobs.isEmpty else { throw .malformed("the block has no blobs") }
            return blobs
        } catch {
            throw CommandFault(path, error)
        }
    }

    /// The directory that is asked for, or a new one.
    static func home(_ call: Invocation) throws(CommandFault) -> String {
        if let path = call.text("home") { return path }
        var template = Array("/tmp/quadrat-devnet-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .failed("/tmp cannot be written") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Where a block's transactions stand in the JSON of CometBFT's RPC, whatever wraps it.
enum CelestiaBlock {
    static func transactions(_ value: JSONNode) -> [String] {
        for name in ["result", "block", "data"] {
            if let inner = value.member(name) {
                let found = transactions(inner)
                if !found.isEmpty { return found }
            }
        }
        return (value.member("txs")?.elements ?? []).compactMap(\.text)
    }
}
