#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// No thread can be stopped from outside; a process can.
await using var pool = new ProcessExecutor(new() { Workers = 1, CancellationGrace = TimeSpan.FromMilliseconds(100) });

var endless = pool.Submit(
    static () =>
    {
        while (true) Thread.SpinWait(1000);
    },
    new() { Name = "endless", Timeout = TimeSpan.FromSeconds(1) });

try
{
    await endless;
}
catch (TaskTimeoutException late)
{
    Console.WriteLine($"'{late.TaskName}' was ended after {late.Timeout.TotalSeconds} s");
}

Console.WriteLine($"the executor works on: {await pool.Submit(static () => "yes")}");
