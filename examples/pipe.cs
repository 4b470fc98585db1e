#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using System.Diagnostics;
using System.Threading.Channels;
using Samovar;
using Samovar.Ipc;

var (here, there) = ProcessPipe.Create<string, int>();            // here: sends strings, receives numbers; there: the other way round
var child = ChildProcess.Start(() => Answer(there));              // that end belongs to the child now

foreach (string word in new[] { "tea", "samovar", "" })
{
    here.Send(word);
    Console.WriteLine($"'{word}' has {here.Receive()} letters");
}

here.Dispose();                                                   // the child's Receive fails
Console.WriteLine($"{await child.JoinAsync()} answers");

var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
var doomed = ChildProcess.Start(() => Count(sender));
await foreach (int n in receiver.ReadAllAsync())                  // ends behind what was sent, though the child is killed
    Console.WriteLine($"{n} …");
await doomed.Exited;
Console.WriteLine($"the process that counted is gone, exit code {doomed.ExitCode}");

static int Answer(ProcessPipeEnd<int, string> end)
{
    for (int answers = 0; ; answers++)
    {
        try
        {
            end.Send(end.Receive().Length);
        }
        catch (ChannelClosedException)
        {
            return answers;                                       // the other end is closed
        }
    }
}

static void Count(ProcessPipeSender<int> sender)
{
    for (int n = 3; n > 0; n--) sender.Send(n);
    Process.GetCurrentProcess().Kill();
}
