// SPDX-License-Identifier: Apache-2.0

/// The `id` of a request, kept in its own digits so that it is echoed unchanged.
///
/// Specified in Protocol/17-json-rpc.md#envelope.
enum RequestIdentifier: Hashable, Sendable {
    /// A notification: nobody wants an answer. `null` counts as absent, as in go-jsonrpc.
    case absent
    case number([UInt8])
    case text(String)

    init?(_ value: JSONNode?) {
        switch value {
        case nil, .null: self = .absent
        case .number(let number): self = .number(Array(number.digits))
        case .string(let string): self = .text(string.text)
        default: return nil
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .absent: writer.null()
        case .number(let digits): writer.raw(digits)
        case .text(let text): writer.string(text)
        }
    }
}

/// One request object: `{"jsonrpc":"2.0","id":…,"method":"…","params":[…]}`.
struct RPCEnvelope {
    let identifier: RequestIdentifier
    let method: String
    let parameters: [JSONNode]

    init(_ value: JSONNode) throws(RPCError) {
        guard case .object = value else { throw .parse }
        guard let identifier = RequestIdentifier(value.member("id")) else {
            throw RPCError(code: -32700, message: "failed to parse ID: invalid id type")
        }
        self.identifier = identifier
        let name = value.member("method")
        guard let method = name == nil ? "" : name?.text else { throw .parse }
        self.method = method
        guard let parameters = value.member("params") else {
            self.parameters = []
            return
        }
        guard let elements = parameters.elements else {
            throw RPCError(
                code: -32700,
                message: "unmarshaling param array: "
                    + ParameterFault.mismatch(parameters, "[]jsonrpc.param").text)
        }
        self.parameters = elements
    }

    /// The answer to a request.
    static func answer(
        _ identifier: RequestIdentifier, _ result: Result<RPCResult, RPCError>,
        into writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.member("id") { identifier.write(to: &$0) }
            switch result {
            case .success(let write): writer.member("result", write)
            case .failure(let error): writer.member("error") { error.write(to: &$0) }
            }
        }
    }

    /// A message that nobody asked for: an event of a channel, or its end.
    static func notification(_ method: String, _ parameters: RPCResult) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.member("jsonrpc", "2.0")
                writer.member("method", method)
                writer.member("params") { $0.array(parameters) }
            }
        }
    }
}
