// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import RPC

/// `quadrat light status`, `export-receipt` and `verify-receipt`: on what a node's trust rests.
enum LightCommand {
    static let verbs = [status, export, verify]

    private static let status = Verb(
        "status", "show what sampling found: shares asked, who answered, how sure",
        discussion: """
            For each of the newest blocks. The confidence rests on an assumption, which is printed; \
            who answered is the node's own statement.
            """,
        options: NodeConnection.options + [
            Option("count", .integer("COUNT", 1...1_024), "how many blocks", fallback: "16"),
            Option("samples", .flag, "list every share with who sent it and its SHA-256"),
        ],
        action: { call throws(CommandFault) in
            let node = try NodeConnection.open(call)
            let count = try call.integer("count") ?? 16
            let answer: JSONNode
            do throws(RPCClientFault) {
                answer = try node.call("das.Receipts") { $0.number(count) }
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { $0.copy(answer) })
                return .done
            }
            for block in answer.member("blocks")?.elements ?? [] { print(block, call) }
            call.terminal.print("confidence: \(answer.member("assumption")?.text ?? "")")
            call.terminal.print("peers: the node's own statement")
            return .done
        })

    private static let export = Verb(
        "export-receipt", "write what sampling of a block rests on, for others to check",
        discussion: """
            A node keeps the samples of the newest 64 blocks that it sampled; of older ones it \
            knows the verdict alone ('light status'). The file is checked before it is written.
            """,
        positionals: [
            Positional("HEIGHT", "the block's height"), Positional("FILE", "where to write it"),
        ],
        options: NodeConnection.options, examples: ["light export-receipt 7 receipt.json"],
        action: { call throws(CommandFault) in
            let height = try BlobCommand.height(call.positional("HEIGHT"))
            let node = try NodeConnection.open(call)
            let receipt: SamplingReceipt
            do throws(RPCClientFault) {
                let answer = try node.call("das.ExportReceipt") { $0.number(height) }
                do throws(ParameterFault) {
                    receipt = try SamplingReceiptJSON.decode(answer)
                } catch {
                    throw .answer(status: 200, error.text)
                }
            } catch {
                throw CommandFault(error)
            }
            guard receipt.height == height else {
                throw CommandFault(.untrue, "the node sent the receipt of another block")
            }
            try check(receipt, trusting: nil)
            let path = call.positional("FILE")
            try UserFiles.write(
                JSONWriter.text { SamplingReceiptJSON.write(receipt, to: &$0) }, to: path)
            let hash = Hex.encode(receipt.block.header.hash.array, uppercase: true)
            call.terminal.note("check: quadrat light verify-receipt \(path) --trust \(hash)")
            return .done
        })

    private static let verify = Verb(
        "verify-receipt", "check such a file, without any node",
        discussion: """
            Every share and its proof, the roots, the header and all its votes are checked, and the \
            confidence is computed anew. Without --trust it is not shown who the validators are. \
            Exit code 3 says that it does not hold.
            """,
        positionals: [Positional("FILE", "what 'light export-receipt' wrote")],
        options: [
            Option("trust", .text("HASH"), "the hash of the header that you trust"),
            StandardOptions.json,
        ], examples: ["light verify-receipt receipt.json --trust 9A3F…"],
        action: { call throws(CommandFault) in
            let hash = try call.text("trust").map { text throws(CommandFault) in
                try BlobVerifyCommand.digest(
                    text, "--trust", "give a header's hash: 64 hexadecimal digits")
            }
            let receipt = try read(call.positional("FILE"))
            try check(receipt, trusting: hash)
            report(receipt, isTrusted: hash != nil, call)
            return .done
        })

    private static func read(_ path: String) throws(CommandFault) -> SamplingReceipt {
        let bytes = try UserFiles.read(path, limit: SamplingReceiptJSON.sizeMax)
        let value: JSONNode
        do throws(DecodeFault) {
            value = try JSONParser.parse(bytes, valueLimit: SamplingReceiptJSON.valuesMax)
        } catch {
            throw CommandFault(path, error)
        }
        do throws(ParameterFault) {
            return try SamplingReceiptJSON.decode(value)
        } catch {
            throw .failed("\(path): \(error.text)")
        }
    }

    private static func check(
        _ receipt: SamplingReceipt, trusting hash: Bytes32?
    ) throws(CommandFault) {
        do throws(SamplingReceiptFault) {
            try receipt.verify(trusting: hash)
        } catch {
            throw CommandFault(.untrue, "the receipt does not hold: \(error)")
        }
    }

    // MARK: Printing

    private static func print(_ block: JSONNode, _ call: Invocation) {
        let height = block.member("height")?.integer(UInt64.self) ?? 0
        let parts = block.member("confidence_ppm")?.integer(Int.self) ?? 0
        let samples = block.member("samples")?.elements ?? []
        let peers = Set(samples.compactMap { $0.member("peer")?.text })
        call.terminal.print(
            "\(height)\t\(block.member("state")?.text ?? "?")\t"
                + "\(samples.count) of \(block.member("wanted")?.integer(Int.self) ?? 0) shares\t"
                + "\(peers.count) peers\t\(parts) ppm")
        guard call.flag("samples") else { return }
        for sample in samples {
            let row = sample.member("row")?.integer(Int.self) ?? 0
            let column = sample.member("col")?.integer(Int.self) ?? 0
            call.terminal.print(
                "\t(\(row), \(column))\t\(sample.member("sha256")?.text ?? "")\t"
                    + "\(sample.member("peer")?.text ?? "")")
        }
    }

    private static func report(
        _ receipt: SamplingReceipt, isTrusted: Bool, _ call: Invocation
    ) {
        let header = receipt.block.header
        let peers = Set(receipt.answers.map(\.peer)).count
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object { writer in
                    writer.member("chain_id", header.chainID)
                    writer.member("height", receipt.height)
                    writer.member("hash", hex: header.hash.array)
                    writer.member("state", receipt.isAvailable ? "available" : "withheld")
                    writer.member("wanted", receipt.wanted)
                    writer.member("came", receipt.answers.count)
                    writer.member("confidence_ppm", receipt.confidencePartsPerMillion)
                    writer.member("assumption", SamplingReceipt.assumption)
                    writer.member("trusted", isTrusted)
                }
            })
            return
        }
        call.terminal.print(
            "it holds: \(receipt.answers.count) of \(receipt.wanted) shares of block "
                + "\(receipt.height) of \(header.chainID), all proven")
        call.terminal.print("header     \(Hex.encode(header.hash.array, uppercase: true))")
        call.terminal.print(
            isTrusted
                ? "trust      it is the trusted header"
                : "trust      none given: the file's own validators signed, whoever they are")
        call.terminal.print("confidence \(receipt.confidencePartsPerMillion) ppm, if")
        call.terminal.print("           \(SamplingReceipt.assumption)")
        call.terminal.print("peers      \(peers), by the node's own statement")
    }
}
