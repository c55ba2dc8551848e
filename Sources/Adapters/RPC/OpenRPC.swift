// SPDX-License-Identifier: Apache-2.0

/// The API's description (OpenRPC 1.2.6), made from the table that dispatches.
enum OpenRPC {
    /// The document, for `GET /openrpc.json`.
    static func document(_ methods: [RPCMethod], version: String) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.member("openrpc", "1.2.6")
                writer.member("info") { writer in
                    writer.object { writer in
                        writer.member("title", "celestia-node's API, served by Quadrat")
                        writer.member("version", version)
                    }
                }
                writer.member("methods") { writer in
                    writer.array(methods.sorted { $0.name < $1.name }) { write($1, to: &$0) }
                }
            }
        }
    }

    private static func write(_ method: RPCMethod, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", method.name)
            writer.member("description", "Auth level: \(method.level.rawValue)")
            writer.member("paramStructure", "by-position")
            writer.member("params") { writer in
                let required = method.parameters.count - method.optionalCount
                writer.array(method.parameters.enumerated()) { writer, entry in
                    let parameter = entry.element
                    writer.object { writer in
                        writer.member("name", parameter.name)
                        writer.member("summary", parameter.type)
                        writer.member("required", entry.offset < required)
                        writer.member("schema") { schema(of: parameter.type, to: &$0) }
                    }
                }
            }
            writer.member("result") { writer in
                writer.object { writer in
                    writer.member("name", method.isSubscription ? "channel" : "result")
                    writer.member("schema") { $0.object { _ in } }
                }
            }
        }
    }

    /// What JSON a Go type is written as; nothing is said of those that have members.
    private static func schema(of type: String, to writer: inout JSONWriter) {
        let kind: String? =
            switch type {
            case "uint64", "int", "time.Duration": "integer"
            case "float64": "number"
            case "string", "[]uint8", "share.Namespace", "blob.Commitment", "bytes.HexBytes",
                "peer.ID", "protocol.ID", "state.Address", "math.Int", "auth.Permission", "da.ID":
                "string"
            case "blob.Proof": "array"
            case let other where other.hasPrefix("[]"): "array"
            default: nil
            }
        writer.object { writer in
            if let kind { writer.member("type", kind) }
        }
    }
}
