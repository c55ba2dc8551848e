// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Fuzzing

/// The target that `QUADRAT_FUZZ_TARGET` names; the process ends when there is none.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["QUADRAT_FUZZ_TARGET"] ?? ""
    if let target = FuzzTarget.named(name) { return target }
    let names = FuzzTarget.all.map(\.name).joined(separator: " ")
    FileHandle.standardError.write(
        Data("QUADRAT_FUZZ_TARGET must name one of: \(names)\n".utf8))
    exit(2)
}()

#if QUADRAT_LIBFUZZER

/// What libFuzzer calls with each input; it brings its own `main`.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    target.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

#else

/// Replays files through one target: what `Scripts/fuzz` found, without libFuzzer.
@main
struct Main {
    static func main() throws {
        // Named even when no file is, so that a wrong name is told.
        let target = target
        for path in CommandLine.arguments.dropFirst() {
            target.run([UInt8](try Data(contentsOf: URL(filePath: path))))
            print("\(target.name): \(path) is borne")
        }
    }
}

#endif
