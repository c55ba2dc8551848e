// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Glibc
internal import LightSimulation

/// `quadrat-simulate headers`: a chain of headers whose committees were elected, for other verifiers.
enum HeadersCommand {
    static let verb = Verb(
        "headers", "headers of a chain whose committees were elected by staking",
        discussion: "Keys, votes and elections are real. One header a line: "
            + "header.pb.ExtendedHeader in protobuf, in hexadecimal.",
        options: [
            Option("seed", .integer("N", 0...Int64.max), "which chain", fallback: "1"),
            Option("count", .integer("N", 1...100_000), "how many headers", fallback: "1000"),
            Option("epoch-blocks", .integer("N", 1...4_096), "headers of an epoch", fallback: "50"),
            Option("output", .text("FILE"), "where to; standard output if not said"),
        ],
        examples: ["headers --count 1000 --output elected.hex"],
        action: { call throws(CommandFault) in
            let chain = ElectedChain(
                ElectedChain.Plan(
                    seed: UInt64(try call.integer("seed") ?? 1),
                    headerCount: Int(try call.integer("count") ?? 1000),
                    epochBlocks: UInt64(try call.integer("epoch-blocks") ?? 50), pace: 6_000))
            guard let path = call.text("output") else {
                for header in chain.headers { call.terminal.print(Hex.encode(header.protobuf)) }
                return .done
            }
            guard let stream = unsafe fopen(path, "w") else {
                throw .failed("\(path) cannot be written: error \(errno)")
            }
            defer { _ = unsafe fclose(stream) }
            for header in chain.headers {
                guard unsafe fputs(Hex.encode(header.protobuf) + "\n", stream) >= 0 else {
                    throw .failed("\(path) cannot be written: error \(errno)")
                }
            }
            guard unsafe fflush(stream) == 0 else {
                throw .failed("\(path) cannot be written: error \(errno)")
            }
            return .done
        })
}
