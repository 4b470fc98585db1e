module Program

open System
open System.Linq
open System.Threading
open System.Threading.Tasks
open Samovar
open Samovar.Ipc

let check name actual expected =
    if actual <> expected then failwith $"{name}: expected {expected}, got {actual}"

// The example of docs/how-to/fsharp.md.
let start (executor: Executor) =
    task {
        let! value = executor.Submit(fun () -> 6 * 7)
        do! executor.Submit(fun () -> printfn "a lambda without a value")
        let! squares = executor.Map([ 1; 2; 3 ], (fun n -> n * n)).ToArrayAsync()
        return value + Array.sum squares
    }

let run (executor: Executor) =
    task {
        let! value = executor.Submit(fun () -> 6 * 7)
        check "a lambda with a value" value 42

        let mutable factor = 2
        let captured = factor
        let! product = executor.Submit(fun () -> captured * 21)
        check "a captured value" product 42

        do! executor.Submit(fun () -> printfn "a lambda without a value")

        let! withToken = executor.Submit(fun (token: CancellationToken) -> token.IsCancellationRequested)
        check "a lambda with a token" withToken false

        let! asynchronous =
            executor.Submit<int>(fun () ->
                task {
                    do! Task.Yield()
                    return 42
                })

        check "a lambda with a task" asynchronous 42
        do! executor.Submit<unit>(fun () -> task { do! Task.Yield() })

        let plain: Future = executor.Submit(fun () -> printfn "a future without a result")
        do! plain
        let future = executor.Submit(fun () -> "tea")
        let! drink = future
        check "a future in a variable" drink "tea"
        check "its task" (future.AsTask().Result) "tea"
        check "its result" future.Result "tea"
        check "its state" future.State FutureState.Succeeded

        let! all = Futures.WhenAll [ for n in 1..3 -> executor.Submit(fun () -> n * n) ]
        check "the results of several" (Array.sum all) 14

        let! failed =
            task {
                try
                    let! _ = executor.Submit(fun () -> if captured = 2 then invalidOp "boiled over" else 1)
                    return ""
                with :? InvalidOperationException as error ->
                    return error.Message
            }

        check "an error" failed "boiled over"

        let! squares = executor.Map([ 1; 2; 3 ], (fun n -> n * n)).ToArrayAsync()
        check "a map" squares [| 1; 4; 9 |]

        let! outcomes = executor.MapOutcomes([ 1; 0 ], (fun n -> 10 / n)).ToArrayAsync()

        let texts =
            [ for outcome in outcomes do
                  match outcome.Deconstruct() with
                  | input, value, null -> $"{input}: {value}"
                  | input, _, error -> $"{input}: {error.GetType().Name}" ]

        check "the outcomes of a map" texts [ "1: 10"; "0: DivideByZeroException" ]
        do! executor.ForEachAsync([ 1; 2 ], (fun n -> printfn $"{n}"))
    }

let last (executor: Executor) = task { return! executor.Submit(fun () -> "the last one") }

let queue () =
    task {
        use numbers = new ProcessQueue<int>(10)

        let child =
            ChildProcess.Start(fun () ->
                for n in 1..3 do
                    numbers.Put n

                numbers.Complete())

        let! taken = numbers.TakeAllAsync().ToListAsync()
        do! child.JoinAsync()
        check "the items of a queue" (List.ofSeq taken) [ 1; 2; 3 ]
    }

let main' () =
    task {
        use threads = new ThreadExecutor()
        do! run threads
        use processes = new ProcessExecutor()
        do! run processes
        let! sum = start processes
        check "the example of the page" sum 56
        let! text = last processes
        check "return!" text "the last one"
        let! id = processes.Submit(fun () -> Environment.ProcessId)
        check "another process" (id <> Environment.ProcessId) true
        do! queue ()
        printfn "end"
    }

[<EntryPoint>]
let main _ =
    main'().GetAwaiter().GetResult()
    0
