using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace Samovar.Analyzers.Tests;

/// <summary>Source text in which <c>[|…|]</c> marks where a rule has to report.</summary>
internal sealed class Markup
{
    private Markup(string code, IReadOnlyList<TextSpan> spans) => (Code, Spans) = (code, spans);

    public string Code { get; }

    public IReadOnlyList<TextSpan> Spans { get; }

    public static Markup Parse(string marked)
    {
        var code = new StringBuilder();
        var spans = new List<TextSpan>();
        var starts = new Stack<int>();
        for (var i = 0; i < marked.Length; i++)
        {
            switch (marked.AsSpan(i))
            {
                case ['[', '|', ..]:
                    starts.Push(code.Length);
                    i++;
                    break;
                case ['|', ']', ..]:
                    spans.Add(TextSpan.FromBounds(starts.Pop(), code.Length));
                    i++;
                    break;
                default:
                    code.Append(marked[i]);
                    break;
            }
        }
        starts.ShouldBeEmpty("a '[|' has no '|]'");
        return new(code.ToString(), [.. spans.Order()]);
    }
}
