// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Roles

/// `da.*`: the generic module that celestia-node had until v0.31, for the rollups that still use it.
///
/// An id is a height in eight little-endian bytes and a commitment; a proof is the JSON of
/// `blob.GetProof`, in base64.
enum GenericService {
    /// The largest blob that clients are told of, 7 MiB: it fits a block of the main network.
    static let blobBytesMax = 7 << 20

    static var methods: [RPCMethod] {
        [
            RPCMethod("da.MaxBlobSize", .read) { $0.reply { $0.number(blobBytesMax) } },
            RPCMethod("da.Commit", .read, contents, .namespace) { call, contents, namespace in
                guard let blobs = blobs(call, contents, namespace) else { return }
                call.reply { writer in
                    writer.array(blobs) { $0.base64(ShareCommitment(of: $1).bytes.array) }
                }
            },
            RPCMethod("da.Submit", .write, contents, gasPrice, .namespace) {
                submit($0, $1, $2, $3, SubmitOptions())
            },
            RPCMethod("da.SubmitWithOptions", .write, contents, gasPrice, .namespace, options) {
                submit($0, $1, $2, $3, $4)
            },
            RPCMethod("da.Get", .read, identifiers, .namespace) { call, identifiers, namespace in
                placed(call, identifiers, namespace) { found in
                    call.reply { writer in
                        writer.array(found) { $0.base64($1.placed.blob.data) }
                    }
                }
            },
            RPCMethod("da.GetProofs", .read, identifiers, .namespace) {
                call, identifiers, namespace in
                placed(call, identifiers, namespace) { found in
                    call.reply { writer in
                        writer.array(found) { $0.base64(proofText($1.all, $1.placed)) }
                    }
                }
            },
            RPCMethod("da.GetIDs", .read, .height, .namespace) { getIdentifiers($0, $1, $2) },
            RPCMethod(
                "da.Validate", .read, identifiers,
                Parameter<[UInt8]>.bytes("proof").list("proofs", limit: RPCLimits.blobsMax),
                .namespace
            ) { validate($0, $1, $2, $3) },
        ]
    }

    /// Where a blob is: `height` and `commitment`.
    private struct Identifier {
        let height: UInt64
        let commitment: ShareCommitment

        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(littleEndian: height)
            bytes.append(commitment.bytes)
            return bytes
        }
    }

    private static let contents = Parameter<[UInt8]>.bytes("blob").list(
        "blobs", limit: RPCLimits.blobsMax)

    private static let identifiers = Parameter<Identifier>("id", "da.ID") {
        value throws(ParameterFault) in
        let bytes = try JSONBytes.base64(value, type: "da.ID")
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            let height = try reader.littleEndian(UInt64.self)
            let commitment: Bytes32 = try reader.fixed()
            guard reader.isAtEnd else { throw DecodeFault(.trailing(reader.remaining)) }
            return Identifier(height: height, commitment: ShareCommitment(commitment))
        } catch {
            throw ParameterFault("invalid id: \(error.description)")
        }
    }.list("ids", limit: RPCLimits.blobsMax)

    /// utia per gas in billionths; nil for a negative price, which leaves it to the node.
    private static let gasPrice = Parameter<UInt64?>("gasPrice", "float64") {
        value throws(ParameterFault) in try SubmitOptionsJSON.price(value, "gasPrice")
    }

    /// Options as JSON in base64.
    private static let options = Parameter<SubmitOptions>("options", "[]uint8") {
        value throws(ParameterFault) in
        let bytes = try JSONBytes.base64(value, type: "[]uint8")
        if bytes.isEmpty { return SubmitOptions() }
        let text: JSONNode
        do throws(DecodeFault) {
            text = try JSONParser.parse(bytes)
        } catch {
            throw ParameterFault("options are no JSON: \(error.description)")
        }
        return try SubmitOptionsJSON.decode(text)
    }

    private static func blobs(
        _ call: RPCCall, _ contents: [[UInt8]], _ namespace: Namespace
    ) -> [Blob]? {
        guard namespace.isValidForBlob else {
            call.fail(.application("invalid namespace: reserved namespace"))
            return nil
        }
        do throws(BlobFault) {
            var blobs: [Blob] = []
            for data in contents {
                blobs.append(
                    try Blob(namespace: namespace, data: data, shareVersion: 0, signer: nil))
            }
            return blobs
        } catch {
            call.fail(.application("blob: \(error)"))
            return nil
        }
    }

    private static func submit(
        _ call: RPCCall, _ contents: [[UInt8]], _ price: UInt64?, _ namespace: Namespace,
        _ options: SubmitOptions
    ) {
        guard !contents.isEmpty else {
            return call.fail(.application("state: no blobs provided"))
        }
        guard let blobs = blobs(call, contents, namespace) else { return }
        var options = options
        options.gasPriceNano = price ?? options.gasPriceNano
        call.answer(.submitBlobs(blobs, options)) {
            guard case .included(let outcome) = $0 else { return nil }
            return { writer in
                writer.array(blobs) {
                    $0.base64(
                        Identifier(height: outcome.height, commitment: ShareCommitment(of: $1))
                            .bytes)
                }
            }
        }
    }

    private typealias Found = (placed: NamespaceBlobs.Placed, all: NamespaceBlobs)

    /// The blobs of ids, in their order; one that is not there fails the call.
    private static func placed(
        _ call: RPCCall, _ identifiers: [Identifier], _ namespace: Namespace,
        then: @escaping ([Found]) -> Void
    ) {
        SerialMap<Identifier, Found>.run(
            identifiers,
            step: { identifier, then in
                call.server.blobs(identifier.height, namespace, for: call) { result in
                    then(
                        result.flatMap { _, blobs in
                            guard let placed = blobs.blob(identifier.commitment) else {
                                return .failure(.failed("blob: not found"))
                            }
                            return .success((placed, blobs))
                        })
                }
            },
            then: { result in
                if let found = call.value(result) { then(found) }
            })
    }

    private static func getIdentifiers(
        _ call: RPCCall, _ height: UInt64, _ namespace: Namespace
    ) {
        call.server.blobs(height, namespace, for: call) { result in
            guard let (header, blobs) = call.value(result) else { return }
            guard !blobs.blobs.isEmpty else { return call.replyNull() }
            call.reply { writer in
                writer.object { writer in
                    writer.member("IDs") { writer in
                        writer.array(blobs.blobs) { writer, placed in
                            let commitment = ShareCommitment(of: placed.blob)
                            writer.base64(
                                Identifier(height: height, commitment: commitment).bytes)
                        }
                    }
                    writer.member("Timestamp", header.time.description)
                }
            }
        }
    }

    /// Whether each proof is that of its id; a false one fails nothing.
    private static func validate(
        _ call: RPCCall, _ identifiers: [Identifier], _ proofs: [[UInt8]], _ namespace: Namespace
    ) {
        guard identifiers.count == proofs.count else {
            return call.fail(.application("number of IDs does not match the number of proofs"))
        }
        SerialMap<(Identifier, [UInt8]), Bool>.run(
            Array(zip(identifiers, proofs)),
            step: { pair, then in
                call.server.blobs(pair.0.height, namespace, for: call) { result in
                    then(
                        result.map { _, blobs in
                            guard let placed = blobs.blob(pair.0.commitment) else { return false }
                            return proof(pair.1) == blobs.proof(of: placed)
                        })
                }
            },
            then: { result in
                guard let verdicts = call.value(result) else { return }
                call.reply { $0.array(verdicts) { $0.bool($1) } }
            })
    }

    private static func proofText(
        _ blobs: NamespaceBlobs, _ placed: NamespaceBlobs.Placed
    ) -> [UInt8] {
        JSONWriter.text { $0.array(blobs.proof(of: placed)) { ProofJSON.write($1, to: &$0) } }
    }

    /// The proof in a text, or nil when there is none.
    private static func proof(_ text: [UInt8]) -> [NamespaceProof]? {
        do {
            return try ProofJSON.blobProof(try JSONParser.parse(text))
        } catch {
            return nil
        }
    }
}
