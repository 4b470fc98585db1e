#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Four models, each in a worker process of its own, called in turn; one of them crashes and is created again.

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 1 });

var models = await Task.WhenAll(Enumerable.Range(1, 4).Select(number => pool.CreateActorAsync(
    () => new Model(number),
    new() { Name = $"model-{number}", Restart = ActorRestart.FromFactory(maxRestarts: 2, window: TimeSpan.FromMinutes(1)), CallTimeout = TimeSpan.FromSeconds(30) })));

// Each caller takes the next model; calls of one model run one at a time, in the order of the calls.
uint next = 0;
Future<string> Predict(string text) => models[Interlocked.Increment(ref next) % models.Length].CallAsync(model => model.Predict(text));

string[] texts = ["tea", "coffee", "cocoa", "water", "milk", "juice"];
foreach (var answer in texts.Select(Predict).ToList()) Console.WriteLine(await answer);

// A crash fails the call that was running. The actor has another object from its factory, whose state is new.
var crash = models[0].CallAsync(static _ => Environment.FailFast("out of tea"));
await Futures.WaitAsync([crash]);
Console.WriteLine($"{crash.Exception!.GetType().Name}; then {await models[0].CallAsync(static model => model.Predict("tea"))}");
Console.WriteLine($"{models[0].Name} has been restarted {models[0].GetStatistics().Restarts} time");

// A task can call it too, from its worker process.
string captured = await pool.Submit(async () => await models[1].CallAsync(model => model.Predict("captured")));
Console.WriteLine(captured);

foreach (var model in models) await model.DisposeAsync();   // after its calls, on its worker: Model.Dispose

internal sealed class Model(int number) : IDisposable
{
    private int _calls;

    public string Predict(string text) => $"model {number}, call {++_calls}: '{text}' has {text.Length} letters";

    public void Dispose() => Console.WriteLine($"model {number} is unloaded");
}
