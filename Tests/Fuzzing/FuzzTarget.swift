// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A function that any bytes may be given to, and that stops the process when a promise is broken.
///
/// The ordinary tests replay its corpus (Tests/FuzzTests/Corpus, a folder per target); `Scripts/fuzz
/// NAME` looks for new inputs with libFuzzer.
public struct FuzzTarget: Sendable {
    /// The name, which is also the folder of its corpus.
    public let name: String
    /// Takes one input; a trap is a finding.
    public let run: @Sendable ([UInt8]) -> Void

    /// Names a function.
    public init(_ name: String, _ run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.run = run
    }

    /// Every target, module by module; each module's list stands in a file of its own.
    public static let all: [FuzzTarget] = [
        bytes,
        pairingCurves,
        state,
        dataSquare,
        shareExchange,
        chainAndLedger,
        agreement,
        peering,
        discovery,
        pooling,
        staking,
        storage,
        execution,
        rpc,
    ].flatMap { $0 }

    /// The target of a name, if there is one.
    public static func named(_ name: String) -> FuzzTarget? {
        all.first { $0.name == name }
    }

    /// A decoder that must refuse by `DecodeFault`; what it takes, it must take again when encoded.
    ///
    /// With `isCanonical` the encoding must also be the very bytes that were read.
    static func roundTrip<Value: Equatable & Sendable>(
        _ name: String, isCanonical: Bool = false,
        decode: @escaping @Sendable ([UInt8]) throws(DecodeFault) -> Value?,
        encode: @escaping @Sendable (Value) -> [UInt8]
    ) -> FuzzTarget {
        FuzzTarget(name) { input in
            do throws(DecodeFault) {
                guard let value = try decode(input) else { return }
                let encoded = encode(value)
                precondition(!isCanonical || encoded == input, "\(name): not canonical")
                do throws(DecodeFault) {
                    let again = try decode(encoded)
                    precondition(again == value, "\(name): another value")
                } catch {
                    preconditionFailure("\(name): refuses what it wrote: \(error)")
                }
            } catch {
                check(error, of: input, name)
            }
        }
    }

    /// A reader that must refuse by `DecodeFault` and nothing else.
    static func reader(
        _ name: String, _ read: @escaping @Sendable ([UInt8]) throws(DecodeFault) -> Void
    ) -> FuzzTarget {
        FuzzTarget(name) { input in
            do throws(DecodeFault) { try read(input) } catch { check(error, of: input, name) }
        }
    }

    private static func check(_ fault: DecodeFault, of input: [UInt8], _ name: String) {
        precondition(fault.offset >= 0, "\(name): a fault before the input: \(fault)")
    }
}
