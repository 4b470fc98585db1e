using Samovar;

ProcessWorker.RunIfWorker(args);

await using var pool = new ProcessExecutor(new() { Workers = 1 });
var app = WebApplication.CreateBuilder(args).Build();
int program = Environment.ProcessId;
app.MapGet("/{number}", async (int number, CancellationToken gone) =>
    await pool.Submit(() => Environment.ProcessId == program ? "this process" : $"{2 * number + 2} from a page", new() { CancellationToken = gone }));
await app.RunAsync();
