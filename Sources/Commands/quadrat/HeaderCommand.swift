// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat header`: block headers, from files or from a node.
enum HeaderCommand {
    static let verb = Verb(
        "header", "show, check and fetch headers",
        verbs: [get, show, verify, CheckpointCommand.verb])

    private static let file = Positional(
        "FILE", "an extended header: protobuf, or JSON as a node gives it")

    /// What verbs take that follow headers by their votes.
    static let lightOptions = [
        Option("now", .text("TIME"), "the time to check at (RFC 3339), instead of now"),
        Option(
            "period-hours", .integer("COUNT", 1...100_000),
            "how long a header stays trusted", fallback: "168"),
    ]

    private static let get = Verb(
        "get", "fetch a header from a node",
        discussion: "It is checked in itself (see 'header verify'), not against a trusted one.",
        positionals: [
            Positional("HEIGHT", "which one; the newest if not said", arity: .optional)
        ],
        options: NodeConnection.options + [StandardOptions.output],
        action: { call throws(CommandFault) in
            let word = call.words("HEIGHT").first
            let height: UInt64? = if let word { try BlobCommand.height(word) } else { nil }
            let node = try NodeConnection.open(call)
            let header: ExtendedHeader
            do throws(RPCClientFault) {
                header = if let height { try node.header(height) } else { try node.localHead() }
            } catch {
                throw CommandFault(error)
            }
            do throws(HeaderFault) {
                try header.validate()
            } catch {
                throw CommandFault(.untrue, "the node sent a header that is not valid: \(error)")
            }
            if let path = call.text("output") {
                try UserFiles.write(
                    JSONWriter.text { HeaderJSON.write(header, to: &$0) }, to: path)
            } else {
                print(header, call)
            }
            return .done
        })

    private static let show = Verb(
        "show", "print what a header says", positionals: [file],
        options: [StandardOptions.json],
        action: { call throws(CommandFault) in
            let header = try read(call.positional("FILE"))
            print(header, call)
            return .done
        })

    private static let verify = Verb(
        "verify", "check that a header holds together, or follows from a trusted one",
        discussion: """
            Alone, a header is checked for form, for its own hashes, and for signatures of more \
            than two thirds of the set that it brings along; that says nothing about who they are. \
            With --trusted it is checked as a light client does.
            """,
        positionals: [file],
        options: [
            Option("trusted", .text("FILE"), "an earlier header that you trust")
        ] + lightOptions, examples: ["header verify --trusted old.json new.json"],
        action: { call throws(CommandFault) in
            let header = try read(call.positional("FILE"))
            do throws(HeaderFault) {
                try header.validate()
            } catch {
                throw CommandFault(.untrue, "the header is not valid: \(error)")
            }
            guard let path = call.text("trusted") else {
                call.terminal.print("valid in itself: height \(header.height), \(header.hash)")
                return .done
            }
            try follow(header, from: try read(path), call)
            call.terminal.print("follows from the trusted header: height \(header.height)")
            return .done
        })

    private static func follow(
        _ header: ExtendedHeader, from trusted: ExtendedHeader, _ call: Invocation
    ) throws(CommandFault) {
        let now = try time(call)
        let rules = try rules(call)
        let state: TrustedState
        do throws(HeaderFault) {
            state = try TrustedState(trusted.lightBlock)
        } catch {
            throw CommandFault(.untrue, "the trusted header is not valid: \(error)")
        }
        do throws(LightFault) {
            _ = try LightVerification.verify(
                trusted: state, untrusted: header.lightBlock, now: now, rules: rules)
        } catch {
            throw CommandFault(
                .untrue, "the header does not follow: \(error)",
                hint: error.isSoft ? "a header in between may lead on" : nil)
        }
    }

    /// What light clients demand, by `lightOptions`.
    static func rules(_ call: Invocation) throws(CommandFault) -> LightRules {
        let hours = try call.integer("period-hours") ?? 168
        guard
            let rules = LightRules(trustingPeriodNanoseconds: hours * 3_600_000_000_000)
        else { throw .usage("--period-hours is out of range") }
        return rules
    }

    /// The time to check at, by `lightOptions`.
    static func time(_ call: Invocation) throws(CommandFault) -> Timestamp {
        guard let text = call.text("now") else { return try System.now() }
        do throws(DecodeFault) {
            return try Timestamp(text: text)
        } catch {
            throw .usage("--now is '\(text)'", hint: "give a time such as 2026-01-31T12:00:00Z")
        }
    }

    // MARK: What other verbs use

    /// The header of a file, of either form.
    static func read(_ path: String) throws(CommandFault) -> ExtendedHeader {
        let bytes = try UserFiles.read(path, limit: 8 * ExtendedHeader.sizeLimit)
        do throws(DecodeFault) {
            let first = bytes.first { $0 > 0x20 }
            guard first == UInt8(ascii: "{") else { return try ExtendedHeader(protobuf: bytes) }
            return try decode(try JSONParser.parse(bytes))
        } catch {
            throw CommandFault(path, error)
        }
    }

    /// The header of a JSON value.
    static func decode(_ value: JSONNode) throws(DecodeFault) -> ExtendedHeader {
        do throws(ParameterFault) {
            return try HeaderJSON.decode(value)
        } catch {
            throw .malformed(error.text)
        }
    }

    /// Prints a header's main points, or all of it as JSON.
    static func print(_ header: ExtendedHeader, _ call: Invocation) {
        if call.flag("json") {
            call.terminal.print(json: { HeaderJSON.write(header, to: &$0) })
            return
        }
        let roots = header.dataAvailabilityHeader
        call.terminal.print("chain      \(header.header.chainID)")
        call.terminal.print("height     \(header.height)")
        call.terminal.print("time       \(header.time)")
        call.terminal.print("hash       \(Hex.encode(header.hash.array, uppercase: true))")
        call.terminal.print("data root  \(Hex.encode(roots.dataRoot.array, uppercase: true))")
        call.terminal.print("square     \(roots.originalWidth) × \(roots.originalWidth) shares")
        call.terminal.print("app        \(header.header.appVersion)")
        call.terminal.print(
            "signed     \(header.commit.signatures.count { $0.flag == .commit }) of "
                + "\(header.validatorSet.count) validators")
    }
}
