module Program

open System
open Samovar

[<EntryPoint>]
let main args =
    ProcessWorker.RunIfWorker args
    let number = 20
    let parent = Environment.ProcessId

    task {
        use pool = new ProcessExecutor(ProcessExecutorOptions(Workers = 1))
        let! answer = pool.Submit(fun () -> if Environment.ProcessId = parent then 0 else 2 * number + 2)
        printfn $"%d{answer} from F#"
    }
    |> fun work -> work.Wait()

    0
