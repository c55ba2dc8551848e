// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Glibc
internal import RPC
internal import Roles
internal import Storage

/// Options that mean the same under every verb that has them.
enum StandardOptions {
    static let json = Option("json", .flag, "print JSON")
    static let configuration = Option(
        "config", .text("FILE"), "read this configuration file", letter: "c")
    static let data = Option(
        "data", .text("DIR"), "the directory that everything is kept in", letter: "d", key: "data")
    static let prefix = Option(
        "prefix", .text("TEXT"), "what account addresses begin with", fallback: "celestia",
        key: "address-prefix")
    static let namespace = Option(
        "namespace", .text("HEX"),
        "a namespace: up to 20 digits of a user's, or all 58", letter: "n")
    static let misbehave = Option(
        "misbehave", .text("HOW"),
        "for tests: 'wrong-encoding' makes the validator extend squares wrongly from block 10 on, "
            + "'wrong-encoding@HEIGHT' from another; 'wrong-rows' makes codewords of the lower rows; "
            + "'double-sign' makes one of several finalize two blocks of one view, once"
    )
    static let misserve = Option(
        "misbehave", .text("HOW"),
        "for tests: what to do to who asks for pieces of squares: lie, withhold, "
            + "withhold-smallest or silence")
    static let once = Option(
        "once", .flag,
        "end when all that is known of the chain is done, or, with exit code 5, when a block of it is "
            + "proven wrong")
    static let output = Option("output", .text("FILE"), "write the result here", letter: "o")

    /// What a validator is asked to do wrong, with the seed of its key.
    static func misbehavior(
        _ call: Invocation, seed: () throws(CommandFault) -> Bytes32
    ) throws(CommandFault) -> Misbehavior? {
        guard let text = call.text("misbehave") else { return nil }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let height = parts.count == 1 ? 10 : UInt64(parts[1])
        if parts[0] == "double-sign", let height, height > 0 {
            return .doubleSigning(fromHeight: height, seed: try seed())
        }
        guard let how = Misencoding(rawValue: String(parts[0])), let height, height > 0 else {
            throw .usage(
                "no such --misbehave '\(text)'",
                hint: "it is wrong-encoding, wrong-rows or double-sign, or one with @HEIGHT")
        }
        return .wrongEncoding(fromHeight: height, how)
    }

    /// What a storage node is asked to do wrong when others ask it for pieces of squares.
    static func servingMisbehavior(
        _ call: Invocation
    ) throws(CommandFault) -> ServingMisbehavior? {
        guard let text = call.text("misbehave") else { return nil }
        guard let manner = ServingMisbehavior.Manner(rawValue: text) else {
            let manners = ServingMisbehavior.Manner.allCases.map(\.rawValue)
            throw .usage(
                "no such --misbehave '\(text)'",
                hint: "it is one of " + manners.joined(separator: ", "))
        }
        return ServingMisbehavior(manner)
    }

    /// The data directory that is asked for, or the standard one.
    static func data(_ call: Invocation) throws(CommandFault) -> String {
        if let path = call.text("data") { return path }
        guard let paths = StandardPaths(environment: call.environment) else {
            throw .usage("neither --data nor HOME is set", hint: "say where data is kept")
        }
        return paths.data
    }

    /// The keys of that directory.
    static func keys(_ call: Invocation) throws(CommandFault) -> KeyStore {
        KeyStore(directory: try data(call) + "/keys")
    }
}

extension CommandFault {
    /// What storage says, as the end of a command.
    init(_ fault: StorageFault) {
        self.init(.failed, fault.description)
    }

    /// What is wrong with a file that was given.
    init(_ path: String, _ fault: DecodeFault) {
        self.init(.failed, "\(path): \(fault)")
    }
}

extension Terminal {
    /// Prints one line of JSON.
    func print(json body: (inout JSONWriter) -> Void) {
        output(JSONWriter.text(body) + [UInt8(ascii: "\n")])
    }
}

/// What only the system can give: randomness and the time.
enum System {
    /// 32 bytes nobody can guess.
    static func randomSecret() -> Bytes32 {
        var generator = SystemRandomNumberGenerator()
        var secret = Bytes32()
        for index in 0..<32 { secret[index] = UInt8.random(in: 0...255, using: &generator) }
        return secret
    }

    /// The time on this machine's clock.
    static func now() throws(CommandFault) -> Timestamp {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0,
            let now = Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
        else { throw .failed("this machine's clock cannot be read") }
        return now
    }
}
