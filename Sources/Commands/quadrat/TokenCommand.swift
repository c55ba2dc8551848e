// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import RPC
internal import Storage

/// `quadrat token`: access tokens for a node's RPC server.
enum TokenCommand {
    /// The key that signs a node's tokens.
    static let keyName = "token"

    static let verb = Verb("token", "make and check access tokens", verbs: [new, check])

    private static let new = Verb(
        "new", "make an access token for a node of this data directory",
        discussion: "The first token makes the key that signs all of them.",
        options: [
            Option(
                "allow", .text("LEVEL"), "public, read, write or admin; each includes those before",
                fallback: "read"),
            Option(
                "hours", .integer("COUNT", 1...1_000_000), "how long it holds; for ever if not said"
            ), StandardOptions.data, StandardOptions.configuration,
        ], examples: ["token new --allow write", "token new --allow admin --hours 24"],
        action: { call throws(CommandFault) in
            let level = call.text("allow") ?? ""
            guard let permission = Permission(rawValue: level) else {
                throw .usage(
                    "--allow is '\(level)'", hint: "it must be public, read, write or admin")
            }
            var expiry = Timestamp.zero
            if let hours = try call.integer("hours") {
                expiry = try System.now().advanced(byNanoseconds: hours * 3_600_000_000_000)
            }
            call.terminal.print(
                try issue(permission, expiry: expiry, keys: try StandardOptions.keys(call)))
            return .done
        })

    private static let check = Verb(
        "check", "say what a token allows",
        positionals: [Positional("TOKEN", "the token's text")],
        options: [StandardOptions.data, StandardOptions.configuration],
        action: { call throws(CommandFault) in
            let key = try KeyCommand.load(keyName, call)
            let now = try System.now()
            let token: AccessToken
            do throws(AccessFault) {
                token = try AccessToken.verify(
                    call.positional("TOKEN"), secret: key.secret.array, now: now)
            } catch {
                throw CommandFault(.untrue, refusal(error))
            }
            let levels = token.allow.map(\.rawValue).joined(separator: ", ")
            let end = token.expiry == .zero ? "for ever" : "until \(token.expiry)"
            call.terminal.print("allows \(levels), \(end)")
            return .done
        })

    /// A token signed with the key of a directory, which is made if need be.
    static func issue(
        _ permission: Permission, expiry: Timestamp, keys: KeyStore
    ) throws(CommandFault) -> String {
        do throws(StorageFault) {
            let key = try keys.key(keyName, for: .token, orMake: System.randomSecret)
            return AccessToken(
                allow: permission.cumulative, nonce: System.randomSecret().array, expiry: expiry
            ).encode(secret: key.secret.array)
        } catch {
            throw CommandFault(error)
        }
    }

    private static func refusal(_ fault: AccessFault) -> String {
        switch fault {
        case .malformed: "that is no token"
        case .wrongSignature: "the token was signed with another key"
        case .expired: "the token has expired"
        }
    }
}
