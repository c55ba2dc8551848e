// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat blob prove` and `verify`: that a blob is in a block, checked by whoever has its header.
///
/// ```text
/// {"height":7,"namespace":"…","commitment":"…","data_root":"…","commitment_proof":{…}}
/// ```
/// The proof inside is celestia-node's; the rest says what it is about.
enum BlobProofCommand {
    private static let sizeMax = 64 << 20

    static let prove = Verb(
        "prove", "fetch a proof that a blob is in a block",
        discussion: "The proof is checked against the block's header before it is written.",
        positionals: BlobCommand.place,
        options: NodeConnection.options + [StandardOptions.output],
        examples: ["blob prove 7 0badcafe Yxz… --output proof.json"],
        action: { call throws(CommandFault) in
            let (height, namespace, commitment) = try BlobCommand.read(call)
            let node = try NodeConnection.open(call)
            let proof: CommitmentProof
            let dataRoot: Bytes32
            do throws(RPCClientFault) {
                let answer = try node.call("blob.GetCommitmentProof") { writer in
                    writer.number(height)
                    writer.base64(namespace.bytes.array)
                    writer.base64(commitment.bytes.array)
                }
                dataRoot = try node.header(height).dataAvailabilityHeader.dataRoot
                proof = try decode(answer)
            } catch {
                throw CommandFault(error)
            }
            _ = try check(proof, commitment, dataRoot)
            let text = JSONWriter.text { writer in
                writer.object {
                    $0.member("height", height)
                    $0.member("namespace", base64: namespace.bytes.array)
                    $0.member("commitment", base64: commitment.bytes.array)
                    $0.member("data_root", hex: dataRoot.array)
                    $0.member("commitment_proof") { ProofJSON.write(proof, to: &$0) }
                }
            }
            if let path = call.text("output") {
                try UserFiles.write(text, to: path)
            } else {
                call.terminal.output(text + [UInt8(ascii: "\n")])
            }
            return .done
        })

    static let verify = Verb(
        "verify", "check such a proof, without any node",
        discussion: """
            A proof says something only about a block that is known already: give the block's \
            header, or its data root, from somewhere you trust. With --blob the file must also be \
            the blob. Exit code 3 says that it does not hold.
            """,
        positionals: [Positional("PROOF", "what 'blob prove' wrote")],
        options: [
            Option("header", .text("FILE"), "the block's extended header"),
            Option("data-root", .text("HEX"), "the block's data root"),
            Option("blob", .text("FILE"), "the blob's bytes"), StandardOptions.json,
        ], examples: ["blob verify proof.json --header header.json --blob picture.png"],
        action: { call throws(CommandFault) in
            let statement = try Statement(call.positional("PROOF"))
            let dataRoot = try trustedRoot(call)
            let range = try check(statement.proof, statement.commitment, dataRoot)
            if let path = call.text("blob") {
                let blob = try SquareBuildCommand.blob(
                    namespace: statement.proof.namespace, file: path)
                guard ShareCommitment(of: blob) == statement.commitment else {
                    throw CommandFault(.untrue, "\(path) is not the blob of the commitment")
                }
            }
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.object {
                        $0.member("start", range.lowerBound)
                        $0.member("end", range.upperBound)
                        $0.member(
                            "namespace", base64: statement.proof.namespace.bytes.array)
                        $0.member("commitment", base64: statement.commitment.bytes.array)
                    }
                })
            } else {
                call.terminal.print(
                    "it holds: shares \(range.lowerBound) to \(range.upperBound - 1) of the block, "
                        + "namespace \(statement.proof.namespace)")
            }
            return .done
        })

    /// What a file of a proof says.
    private struct Statement {
        let commitment: ShareCommitment
        let proof: CommitmentProof

        init(_ path: String) throws(CommandFault) {
            let bytes = try UserFiles.read(path, limit: BlobProofCommand.sizeMax)
            do throws(DecodeFault) {
                let value = try JSONParser.parse(bytes)
                guard let text = value.member("commitment")?.text,
                    let proof = value.member("commitment_proof")
                else { throw .malformed("no proof that 'blob prove' wrote") }
                commitment = ShareCommitment(
                    try Bytes32(decoding: Base64.decode(text), field: "commitment"))
                do throws(ParameterFault) {
                    self.proof = try ProofJSON.commitmentProof(proof)
                } catch {
                    throw .malformed(error.text)
                }
            } catch {
                throw CommandFault(path, error)
            }
        }
    }

    private static func decode(_ value: JSONNode) throws(RPCClientFault) -> CommitmentProof {
        do throws(ParameterFault) {
            return try ProofJSON.commitmentProof(value)
        } catch {
            throw .answer(status: 200, error.text)
        }
    }

    private static func trustedRoot(_ call: Invocation) throws(CommandFault) -> Bytes32 {
        if let path = call.text("header") {
            let header = try HeaderCommand.read(path)
            let dataRoot = header.dataAvailabilityHeader.dataRoot
            guard header.header.dataHash == dataRoot else {
                throw CommandFault(.untrue, "\(path): the header names another data root")
            }
            return dataRoot
        }
        guard let text = call.text("data-root") else {
            throw .usage(
                "a proof alone says nothing",
                hint: "give the block's header (--header FILE) or its data root (--data-root HEX)")
        }
        do throws(DecodeFault) {
            return try Bytes32(decoding: Hex.decode(text), field: "data root")
        } catch {
            throw .usage("'\(text)' is no data root", hint: "give 64 hexadecimal digits")
        }
    }

    private static func check(
        _ proof: CommitmentProof, _ commitment: ShareCommitment, _ dataRoot: Bytes32
    ) throws(CommandFault) -> Range<Int> {
        do throws(VerificationFault) {
            return try proof.verify(commitment: commitment, dataRoot: dataRoot)
        } catch {
            throw CommandFault(.untrue, "the proof does not hold: \(error)")
        }
    }
}
