// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import Cryptography
internal import Ledger
internal import RPC
internal import Storage

/// `quadrat key`: private keys, kept one file each under the data directory.
enum KeyCommand {
    static let verb = Verb(
        "key", "make and show keys",
        discussion: """
            Keys are files of the data directory that only their owner may read. They are not \
            encrypted: who can read the file has the key.
            """,
        verbs: [create, list, show, importing])

    private static let purpose = Option(
        "for", .text("PURPOSE"), "account, identity, validator or token", fallback: "account")

    private static let create = Verb(
        "create", "make a new key",
        discussion: """
            An account key (secp256k1) pays for blobs; an identity key (Ed25519) names a node among \
            its peers; a validator key (Ed25519) signs votes; a token key signs access tokens.
            """,
        positionals: [Positional("NAME", "what to call it")],
        options: [
            purpose, StandardOptions.data, StandardOptions.prefix, StandardOptions.configuration,
            StandardOptions.json,
        ], examples: ["key create main", "key create node --for identity"],
        action: { call throws(CommandFault) in
            let purpose = try purpose(of: call)
            var secret = System.randomSecret()
            while !isUsable(secret, for: purpose) { secret = System.randomSecret() }
            try add(secret, call)
            return .done
        })

    private static let importing = Verb(
        "import", "keep a key that was made elsewhere",
        discussion: "The key is read as 64 hexadecimal digits, from standard input by default, so "
            + "that it stands in no shell's history.",
        positionals: [
            Positional("NAME", "what to call it"),
            Positional("FILE", "where the digits are", arity: .optional),
        ],
        options: [
            purpose, StandardOptions.data, StandardOptions.prefix, StandardOptions.configuration,
            StandardOptions.json,
        ],
        action: { call throws(CommandFault) in
            let bytes = try UserFiles.read(call.words("FILE").first ?? "-", limit: 256)
            let text = String(decoding: bytes, as: UTF8.self)
            let digits = text.filter { !$0.isWhitespace }
            let secret: Bytes32
            do throws(DecodeFault) {
                secret = try Bytes32(decoding: Hex.decode(digits), field: "key")
            } catch {
                throw .failed("that is no key: \(error)", hint: "give 64 hexadecimal digits")
            }
            guard isUsable(secret, for: try purpose(of: call)) else {
                throw .failed("those digits are no key of secp256k1")
            }
            try add(secret, call)
            return .done
        })

    private static let list = Verb(
        "list", "list all keys",
        options: [
            StandardOptions.data, StandardOptions.prefix, StandardOptions.configuration,
            StandardOptions.json,
        ],
        action: { call throws(CommandFault) in
            let keys = try StandardOptions.keys(call)
            var found: [StoredKey] = []
            do throws(StorageFault) {
                for name in try keys.names() { found.append(try keys.key(name)) }
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.array(found) { write($1, call, to: &$0) }
                })
            } else {
                for key in found {
                    call.terminal.print("\(key.name)\t\(key.purpose)\t\(publicName(key, call))")
                }
            }
            return .done
        })

    private static let show = Verb(
        "show", "show the public part of a key",
        positionals: [Positional("NAME", "which key")],
        options: [
            Option("secret", .flag, "print the secret digits and nothing else"),
            StandardOptions.data, StandardOptions.prefix, StandardOptions.configuration,
            StandardOptions.json,
        ],
        action: { call throws(CommandFault) in
            let key = try load(call.positional("NAME"), call)
            if call.flag("secret") {
                call.terminal.print(key.secret.hex)
            } else {
                print(key, call)
            }
            return .done
        })

    // MARK: What they share

    /// The key of a name.
    static func load(_ name: String, _ call: Invocation) throws(CommandFault) -> StoredKey {
        let keys = try StandardOptions.keys(call)
        do throws(StorageFault) {
            return try keys.key(name)
        } catch {
            guard case .missing = error else { throw CommandFault(error) }
            throw .failed(
                "there is no key '\(name)'", hint: "make one with 'quadrat key create \(name)'")
        }
    }

    private static func purpose(of call: Invocation) throws(CommandFault) -> KeyPurpose {
        let text = call.text("for") ?? ""
        guard let purpose = KeyPurpose(rawValue: text) else {
            throw .usage(
                "--for is '\(text)'", hint: "it must be account, identity, validator or token")
        }
        return purpose
    }

    private static func isUsable(_ secret: Bytes32, for purpose: KeyPurpose) -> Bool {
        purpose != .account || Secp256k1PrivateKey(bytes: secret) != nil
    }

    private static func add(_ secret: Bytes32, _ call: Invocation) throws(CommandFault) {
        let key = StoredKey(
            name: call.positional("NAME"), purpose: try purpose(of: call), secret: secret)
        let keys = try StandardOptions.keys(call)
        do throws(StorageFault) {
            try keys.add(key)
        } catch {
            throw CommandFault(error)
        }
        print(key, call)
    }

    private static func print(_ key: StoredKey, _ call: Invocation) {
        if call.flag("json") {
            call.terminal.print(json: { write(key, call, to: &$0) })
            return
        }
        call.terminal.print("name     \(key.name)")
        call.terminal.print("for      \(key.purpose)")
        if let publicKey = publicKey(key) {
            call.terminal.print("\(label(key))  \(publicName(key, call))")
            call.terminal.print("public   \(Hex.encode(publicKey))")
        }
    }

    private static func label(_ key: StoredKey) -> String {
        key.purpose == .identity ? "peer   " : "address"
    }

    private static func write(
        _ key: StoredKey, _ call: Invocation, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("name", key.name)
            writer.member("for", key.purpose.rawValue)
            guard let publicKey = publicKey(key) else { return }
            writer.member(key.purpose == .identity ? "peer" : "address", publicName(key, call))
            writer.member("public", Hex.encode(publicKey))
        }
    }

    private static func publicKey(_ key: StoredKey) -> [UInt8]? {
        switch key.purpose {
        case .account: Secp256k1PrivateKey(bytes: key.secret)?.publicKey.bytes.array
        case .identity, .validator:
            Ed25519PrivateKey(seed: key.secret).publicKey.bytes.array
        case .token: nil
        }
    }

    /// What others know a key by: an account's address, a peer's id, a validator's address.
    private static func publicName(_ key: StoredKey, _ call: Invocation) -> String {
        guard let publicKey = publicKey(key) else { return "" }
        switch key.purpose {
        case .account:
            guard let account = Secp256k1PrivateKey(bytes: key.secret) else { return "" }
            return AccountAddress(of: account.publicKey)
                .bech32(prefix: call.text("prefix") ?? "celestia")
        case .identity:
            // An Ed25519 peer id is the key itself, as protobuf, in an identity multihash.
            return Base58.encode([0x00, 0x24, 0x08, 0x01, 0x12, 0x20] + publicKey)
        case .validator:
            return Hex.encode(SHA256.hash(publicKey).array.prefix(20), uppercase: true)
        case .token: return ""
        }
    }
}
