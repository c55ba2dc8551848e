// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Roles

/// `node.*`: what the node is, and tokens.
enum NodeService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("node.Info", .admin) { call in
                status(call) { status in
                    let version = call.server.configuration.version
                    call.reply { writer in
                        writer.object { writer in
                            writer.member("type", status.kind.rawValue)
                            writer.member("api_version", version)
                        }
                    }
                }
            },
            RPCMethod("node.Ready", .read) { call in
                status(call) { status in
                    guard status.isReady else {
                        return call.fail(.application("node: not ready"))
                    }
                    call.reply { $0.bool(true) }
                }
            },
            RPCMethod(
                "node.LogLevelSet", .admin, Parameter<String>.text("name"),
                Parameter<String>.text("level")
            ) { call, _, _ in
                call.fail(.application("node: log levels are set when the node starts"))
            },
            RPCMethod("node.AuthVerify", .admin, Parameter<String>.text("token")) {
                verify($0, $1)
            },
            RPCMethod("node.AuthNew", .admin, permissions) { issue($0, $1, .zero) },
            RPCMethod(
                "node.AuthNewWithExpiry", .admin, permissions,
                Parameter<Int64>.integer("ttl", "time.Duration")
            ) { call, permissions, lifetime in
                guard lifetime > 0 else {
                    return call.fail(.application("node: a token must live for some time"))
                }
                let expiry = call.server.configuration.clock().advanced(byNanoseconds: lifetime)
                issue(call, permissions, expiry)
            },
        ]
    }

    private static let permissions = Parameter<Permission>("permissions", "auth.Permission") {
        value throws(ParameterFault) in
        guard let text = value.text else { throw .mismatch(value, "auth.Permission") }
        guard let permission = Permission(rawValue: text) else {
            throw ParameterFault("there is no permission '\(text.prefix(32))'")
        }
        return permission
    }.list("permissions", limit: Permission.allCases.count)

    private static func issue(
        _ call: RPCCall, _ permissions: [Permission], _ expiry: Timestamp
    ) {
        let configuration = call.server.configuration
        guard case .tokens(let secret) = configuration.access else {
            return call.fail(.application("node: this server asks for no tokens"))
        }
        let token = AccessToken(
            allow: permissions, nonce: configuration.entropy(32), expiry: expiry
        ).encode(secret: secret)
        call.reply { $0.string(token) }
    }

    private static func verify(_ call: RPCCall, _ text: String) {
        let configuration = call.server.configuration
        guard case .tokens(let secret) = configuration.access else {
            return call.fail(.application("node: this server asks for no tokens"))
        }
        do throws(AccessFault) {
            let token = try AccessToken.verify(text, secret: secret, now: configuration.clock())
            call.reply { $0.array(token.allow) { $0.string($1.rawValue) } }
        } catch {
            call.fail(.application("JWT Verification failed: \(error)"))
        }
    }

    private static func status(_ call: RPCCall, then: @escaping (NodeStatus) -> Void) {
        call.server.nodeStatus { result in
            if let status = call.value(result) { then(status) }
        }
    }
}

extension RPCServices {
    /// What kind of node this is and how it is.
    func nodeStatus(then: @escaping (Result<NodeStatus, RPCFault>) -> Void) {
        ask(
            .node,
            {
                if case .node(let status) = $0 { status } else { nil }
            }, then: then)
    }
}
