/** Pages: `k6/html`, `Response.html()`, and the forms and links of a page. */
import type { Row } from './row.ts';

/** `said` gives what was thrown, where something was; `names` what elements are called. */
const TOOLS = `
const said = (f) => { try { return f(); } catch (e) { return String(e).split(' at ')[0]; } };
const ids = (s) => s.map((_, one) => one.attr('id') || one.first().get(0).nodeName());
`;

const row = (title: string, page: string, body: string): Row => ({
  title,
  before: `${TOOLS}const page = parseHTML(${JSON.stringify(page)});`,
  body,
});

const TREE =
  '<ul id="list" class="one two"><li id="a" class="x">A<b id="b1">bold</b></li><!-- c --><li id="b" lang="en-GB">B</li>text<li id="c" class="x last"><i id="i1">I</i><i id="i2" title="T i">J</i></li></ul><p id="p">P <a id="link" href="/go?x=1">go</a></p>';

const FIELDS = `<form id="f" action="/act"><input name="plain" value="v"><input name="none"><input type="checkbox" name="off" value="1"><input type="checkbox" name="bare" checked><input type="checkbox" name="on" checked="checked"><input type="checkbox" name="on2" value="2" checked="checked">
<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked="checked"><input name="gone" value="x" disabled="disabled"><input name="bare-disabled" value="x" disabled><input value="nameless"><input type="hidden" name="token" value="a b&amp;c"><input type="file" name="file"><input type="image" name="image"><input type="reset" name="reset" value="r"><input type="button" name="button" value="b">
<select name="one"><option>first</option><option selected>second</option></select><select name="unchosen"><option value="x">X</option></select><select name="many" multiple><option value="1" selected>1</option><option>2</option><option selected>3 &lt; 4</option></select><textarea name="area">
a &amp; b</textarea><keygen name="key"><button name="go" value="g" type="submit">Go</button><input type="submit" name="send" value="Send"></form>`;

export const PAGES: readonly Row[] = [
  row(
    'a page is read, and its parts are found',
    TREE,
    `p('url', () => page.url); p('text', () => page.text()); p('size', () => [page.size(), page.find('li').size(), page.find('nothing').size()]);
p('ids', () => ids(page.find('li'))); p('first', () => page.find('li').first().attr('id')); p('last', () => page.find('li').last().attr('id'));
p('eq', () => [0, 1, -1, 7, -7].map((at) => page.find('li').eq(at).attr('id') ?? null));
p('attr', () => [page.find('#b').attr('lang'), page.find('#b').attr('LANG') ?? null, page.find('#b').attr('none') ?? null, page.find('#b').attr('none', 'other'), page.find('#b').attr('lang', 'other'), page.find('none').attr('id', 5)]);
p('html', () => [page.find('#a').html(), page.find('none').html(), page.find('i').html()]);
p('text of none', () => page.find('none').text()); p('texts', () => page.find('li').text());
p('json', () => JSON.stringify(page.find('li'))); p('document', () => page.get(0).nodeName());`,
  ),
  row(
    'broken HTML is mended as browsers do',
    '<p>one<p>two<b>bold<i>both</b>it</i><table><tr><td>1<td>2<tr>x<td>3</table><li>a<li>b<div></p></div><img src=x><br/>a</br>b<select><option>1<option>2</select><svg viewbox="0 0"><circle/><foreignObject><p>in</svg><title>late</title>',
    `p('html', () => page.html()); p('rows', () => page.find('tr').size()); p('options', () => page.find('option').size());
for (const [name, text] of Object.entries({ empty: '', text: 'only text', 'no end': '<div><span', comment: '<!-- a -- > b --!> c', cdata: '<![CDATA[x]]>', doctype: '<!doctype html public "-//W3C//DTD" "http://x/y"><title>t', script: '<script>if (a < b && "</p>") {}</script><style>a > b {}</style>', noscript: '<noscript><p>x</p></noscript><body><noscript><p>y</p></noscript>', template: '<template><p>in</p></template>', frameset: '<frameset><frame></frameset>', nul: 'a\\u0000b', newlines: 'a\\r\\nb\\rc', twice: '<p a=1 a=2 A=3>', 'after body': '<body>a</body>b<!--c--></html>d', nested: '<a href=1>x<a href=2>y', form: '<form id=1><form id=2><input></form>', pre: '<pre>\\n\\nx</pre><textarea>\\n\\ny</textarea>', attributes: '<p a b="" c=\\'"\\' d=x/y e = z>', image: '<image src=x>', entities: '<!-- a &amp; b &eacute;&#x80; &nope; --><p>x', plaintext: '<p>x<plaintext></p><b>y', void: '<svg><base>x', 'no name': 'a</>b</ c></1>d', caps: '<DIV ID=Big>X</DIV>' })) p(name, () => parseHTML(text).html());\np('of a script', () => [parseHTML('<script>a < "b"</script>').find('script').html(), parseHTML('<script>a < b</script>').find('head').html(), parseHTML('<style>a > b</style>').find('style').get(0).innerHTML(), parseHTML('<textarea>a < b</textarea>').find('textarea').html()]);`,
  ),
  row(
    'elements may stand in a select',
    '<select id=s><button>b</button><option>1<p>p<option>2<hr><optgroup label=g><option>3</optgroup><div>d</div><b>x</select>after</b>',
    `p('html', () => page.find('body').html()); p('text', () => page.find('select').text()); p('options', () => page.find('select > option').size());
for (const [name, text] of Object.entries({ input: '<select><option>1<input name=i>', select: '<select><option>1<select>2', textarea: '<select><textarea>a</textarea></select>', table: '<table><tr><td><select><option>1</td></tr></table>', foster: '<table><select><option>1<tr><td>2</table>', inner: '<select><table><tr><td>1</table><option>2</select>', p: '<p>a<select><p>b</select>c', header: '<h1>a<select><h2>b</select></h1>', a: '<a>1<select><a>2</select></a>', svg: '<select><svg><desc><option>1</select>', template: '<select><template><option>1</template>2</select>', ends: '</select><div></select>x' })) p(name, () => parseHTML(text).find('body').html());`,
  ),
  row(
    'entities and letters beyond ASCII are read, and written escaped',
    '<p title="a &quot;b&quot; &amp; \'c\' &lt;">&lt;x&gt; &amp;amp; &nbsp;&eacute;&#8364;&#x1F600; é 日本 😀 &notit; &copy &unknown; "quoted" \'single\'</p><!-- a & b > c -->',
    `p('text', () => page.find('p').text()); p('html', () => page.find('p').html()); p('title', () => page.find('p').attr('title')); p('all', () => page.find('body').html()); p('length', () => page.find('p').text().length);`,
  ),
  row(
    'selectors are read as in k6',
    `${TREE}<div class="A-b c_d" id="1x" data-n="5" data-t="Über uns"></div><form><input type="radio" checked><input type="text" checked disabled><input disabled type=checkbox><fieldset disabled><legend><input id=l1></legend><select><option selected id=o1></select></fieldset></form><a id=nolink>no</a><p></p><p> <!-- --></p>`,
    String.raw`for (const selector of ['li', 'LI', '*', 'ul > li', 'ul>li', 'ul li b', 'li + li', 'li ~ li', 'li,i', 'li , i', '#a', '.x', '.x.last', 'li.x#a', '[lang]', '[lang|=en]', '[lang=en]', '[class~=two]', '[class="one two"]', '[class^=one]', '[class$=two]', '[class*="e t"]', '[id!=a]', '[title="t I" i]', '[href*=go]', '[data-n="5"]', "[data-t='Über uns']", '[id#=^[abc]$]', '[id#=(?i)^[ABC]$]', ':first-child', 'li:first-child', 'li:last-child', 'li:nth-child(2)', 'li:nth-child(odd)', 'li:nth-child(2n)', 'li:nth-child( -n + 2 )', 'li:nth-last-child(1)', 'i:nth-of-type(2)', 'i:first-of-type', 'i:last-of-type', 'b:only-child', 'a:only-of-type', 'li:not(.x)', 'li:not(.x, #b)', 'li:has(b)', 'ul:haschild(li)', 'ul:haschild(b)', 'li:contains(bold)', 'li:contains("BOLD")', 'li:containsOwn(bold)', 'b:containsOwn(old)', 'p:matches(^P\\s)', 'p:matchesOwn(go)', 'p:empty', 'div:empty', ':root', 'a:link', ':enabled', ':disabled', ':checked', ':input', 'li:lang(en)', 'b:lang(en)', ':hover', 'option:checked', '.A-b', '.a-b', '.c_d', '#\\31 x', '[id="1x"]', '#b\\31', 'ul/* x */li', 'svg|*', '*|*', 'body > *', '[ lang ]', '[ lang = "en-GB" ]'])
  p(selector, () => page.find(selector).size());`,
  ),
  row(
    'a selector that cannot be read matches nothing',
    TREE,
    String.raw`for (const selector of ['', ' ', 'li:', ':selector', 'li:nope', 'li:first', 'li:eq(0)', 'li::before', ':before', 'li[', 'li[id', 'li[id=', 'li[id=1]', '[data-n=5]', 'li[id==a]', 'li[id="a]', 'li >', '> li', 'li:has(> b)', 'li,', ',li', '#', '.', '.1', 'li)', 'li:not(', 'li:not()', 'li:nth-child()', 'li:nth-child(x)', 'li!', 'a b > > c', '[id#=[]', '@x', 'li:is(.x)', '5', '\\', 'constructor', ':constructor', ':to-string(x)'])
  p(selector, () => [page.find(selector).size(), page.find('li').is(selector), page.find('li').filter(selector).size(), page.find('li').not(selector).size(), page.find('li').parent(selector).size(), page.find('#a').nextUntil(selector).size()]);`,
  ),
  row(
    'children, parents and siblings of a selection',
    TREE,
    `const li = page.find('li'); const of = (name, ...given) => p([name, ...given].join(' '), () => ids(li[name](...given)));
for (const name of ['children', 'parent', 'parents', 'siblings', 'next', 'nextAll', 'prev', 'prevAll', 'nextUntil', 'prevUntil', 'parentsUntil']) { of(name); }
of('children', 'i'); of('parent', '.one'); of('parent', 'p'); of('parents', 'body'); of('siblings', '.x'); of('next', '#b'); of('nextAll', '.x'); of('prev', '.x'); of('prevAll', '#a');
of('nextUntil', '#c'); of('prevUntil', '#a'); of('parentsUntil', 'body'); of('parentsUntil', 'body', 'ul'); of('nextUntil', '#none', '.x'); of('nextUntil', null, '.x'); of('prevUntil', undefined, '.x');
p('until selection', () => [ids(page.find('#a').nextUntil(page.find('#c'))), ids(page.find('#a').nextUntil(page.find('none'))), ids(page.find('i').parentsUntil(page.find('ul'), 'li'))]);
p('undefined', () => [li.next(undefined).size(), li.children(null).size(), li.nextUntil('#none', undefined).size()]);
p('contents', () => page.find('#list').contents().map((_, one) => [one.get(0).nodeName(), one.get(0).nodeType(), one.get(0).nodeValue() ?? null]));
p('contents of several', () => li.contents().size());
p('of a document', () => [page.children().size(), page.parent().size(), page.parents().size()]);
for (const [name, given] of Object.entries({ number: [5], element: [page.find('#c').get(0)], list: [[1]], object: [{}], three: ['a', 'b', 'c'] })) p('until ' + name, () => said(() => li.nextUntil(...given).size()));`,
  ),
  row(
    'a selection is taken by selectors, selections, elements and functions',
    TREE,
    `const li = page.find('li'); const [link] = page.find('#link').get(); const i = page.find('#i1').get(0);
for (const name of ['add', 'find', 'closest', 'has', 'not', 'filter', 'is']) for (const [kind, given] of Object.entries({ selector: '#b, b', selection: page.find('#c, #i2'), element: i, link, nothing: undefined, null: null, number: 5, float: 1.5, bool: true, list: [], object: {}, document: page.get(0), function: (at) => at === 1, 'no function': 'function' }))
  p(name + ' ' + kind, () => said(() => { const found = (name === 'closest' ? page.find('i,b') : name === 'find' ? page.find('body') : li)[name](given); return found === true || found === false ? found : ids(found); }));
p('nothing given', () => ['add', 'find', 'closest', 'has'].map((name) => said(() => li[name]())));
p('single', () => [ids(page.single('li')), ids(page.find('i').single('x')), li.single('i').attr('id'), page.single(':nope').size()]);
p('item', () => { const seen = []; li.filter((at, item) => { seen.push([at, item.text(), item.attr('id'), item.attr('none'), item.html(), item.is('.x'), item.hasClass('last'), item.find('i').length(), item.size(), item.attrOr('id', 'x'), item.parent().attr('id'), item.next().text(), item.children().first().text()]); return at > 0; }); return seen; });
p('truth', () => [li.filter(() => 'yes').size(), li.filter(() => 0).size(), li.not(() => '').size(), li.is(() => null), li.is((at) => at === 2)]);
p('throws', () => [said(() => li.filter(() => { throw new Error('boom'); })), said(() => li.not(() => { throw 'text'; })), said(() => li.is(() => { throw { a: 1 }; }))]);
p('own error', () => { try { li.filter(() => { throw new RangeError('mine'); }); } catch (e) { return [e instanceof RangeError, e.message]; } });
p('a selection of map', () => li.map((_, one) => said(() => page.find('ul').add(one).size())));`,
  ),
  row(
    'a selection is walked through',
    TREE,
    `const li = page.find('li');
p('each', () => { const seen = []; const back = li.each((at, one) => seen.push([at, one.id(), one.nodeName()])); return [seen, back.size()]; });
p('each throws', () => [said(() => li.each(() => { throw new Error('boom'); })), said(() => li.each(() => { throw 'text'; })), said(() => page.find('none').each(() => { throw 1; }).size())]);
p('each stops', () => { let calls = 0; said(() => li.each(() => { calls++; throw new Error('x'); })); return calls; });
p('each of none', () => [said(() => li.each()), said(() => li.each('x')), said(() => li.map(5))]);
p('map', () => [li.map((at, one) => at + one.text()), li.map((at) => { if (at === 1) throw new Error('left out'); return at; }), li.map(() => undefined).length, Array.isArray(li.map(() => 1))]);
p('map of none', () => { const found = page.find('none').map((at) => at); return [found === null, found === undefined, Array.isArray(found)]; });
p('get', () => [li.get().length, li.get(0).id(), li.get(2).id(), typeof li.get(3), li.get(-1).id(), typeof li.get(-3), typeof page.find('none').get(0)]);
p('get of none', () => { const found = page.find('none').get(); return [found === null, Array.isArray(found)]; });
p('toArray', () => [li.toArray().map((one) => one.attr('id')), page.find('none').toArray().length]);
p('slice', () => [[1], [0, 2], [-2], [-3, -1], [0, 9], [1, 1], [], [0, 3]].map((given) => ids(li.slice(...given))));
p('index', () => [page.find('#b').index(), page.find('#b').index('li'), page.find('#b').index('.x'), li.index(page.find('#c')), li.index(page.find('#p')), li.index(page.find('#b').get(0)), li.index(5), page.find('none').index(), page.find('none').index('li'), page.find('none').index(li), page.find('#link').index(page.find('#link').get(0))]);
p('end', () => [li.first().end().size(), li.end().size(), page.end().size(), ids(li.filter('.x').end()), li.eq(9).end().size(), page.find('ul').find('i').end().attr('id')]);
p('args', () => [li.eq().attr('id'), li.eq('1').attr('id'), li.eq(1.9).attr('id'), li.eq('x').attr('id'), li.get('1').id(), typeof li.attr(), page.find(li.first()).size(), li.slice('1').size()]);
p('is Array', () => { const all = li.get(); all.push(1); return [all.length, all.map((one) => typeof one)]; });`,
  ),
  row(
    'values of fields',
    FIELDS,
    `p('all', () => page.find('input,select,textarea,button,option,form').map((_, one) => [one.attr('name') ?? '', one.val() ?? null]));
p('none', () => typeof page.find('none').val()); p('several', () => page.find('[type=radio]').val());
p('serializeArray', () => page.find('form').serializeArray().map((one) => [one.name, one.value ?? null])); p('members', () => Object.keys(page.find('form').serializeArray()[0]));
p('serializeObject', () => page.find('form').serializeObject()); p('serialize', () => page.find('form').serialize());
p('fields', () => page.find('input').serialize()); p('of a part', () => [page.find('select').serialize(), page.find('body').serialize(), page.find('none').serialize(), page.find('none').serializeArray().length]);
p('escapes', () => parseHTML('<form><input name="a b" value="~*()!\\'é&=+%"><input name="b" value=""><input name="a b" value="last"></form>').find('form').serialize());
p('keygen', () => [parseHTML('<form><keygen name=k></form>').find('form').serialize(), Object.keys(parseHTML('<form><keygen name=k></form>').find('form').serializeObject())]);`,
  ),
  row(
    'data of a selection',
    '<p id="p" data-text="a" data-number="5" data-float="1.50" data-float2="1.5" data-big="123456789012345678901234567890" data-e="1e3" data-minus="-0" data-nan="NaN" data-true="true" data-false="false" data-null="null" data-undefined="undefined" data-empty="" data-list="[1,&quot;b&quot;,{&quot;c&quot;:null}]" data-object=\'{"a":{"b":2}}\' data-broken="{a" data-two-words="x" data-user-id="7" data-the-url-now="u" data-a-b-c="abc" data-url="v" data-x_y="under" data- title="t"></p><i>none</i>',
    `const el = page.find('p');
for (const name of ['text', 'number', 'float', 'float2', 'big', 'e', 'minus', 'nan', 'true', 'false', 'null', 'undefined', 'empty', 'list', 'object', 'broken', 'twoWords', 'two-words', 'userId', 'userID', 'user-id', 'theUrlNow', 'theURLNow', 'aBC', 'url', 'URL', 'x_y', 'xY', 'none', 'title', '']) p(name, () => { const v = el.data(name); return [typeof v, typeof v === 'number' ? String(v) : v]; });
p('minus', () => Object.is(el.data('minus'), -0)); p('all', () => el.data()); p('kinds', () => [typeof page.find('i').data(), typeof page.find('none').data(), JSON.stringify(page.find('p').parent().data())]);
p('several', () => parseHTML('<p data-a=1><p data-a=2>').find('p').data('a'));`,
  ),
  row(
    'elements tell of themselves',
    `${TREE}<svg xml:lang="de" xlink:href="#x"><g id="g"/></svg><div id="d" class=" m  n\tm " lang="fr"></div>`,
    `const el = (selector) => page.find(selector).get(0); const ul = el('#list');
p('names', () => [ul.nodeName(), ul.nodeType(), ul.id(), ul.className(), ul.classList(), ul.textContent(), ul.nodeValue() ?? null, ul.toString(), String(ul)]);
p('inner', () => el('#a').innerHTML());
p('attributes', () => { const all = ul.attributes(); return [Object.keys(all).sort(), all.id.name, all.id.value, all.class.value, all.id.prefix(), all.id.namespaceURI(), all.id.localName(), all.id.owner_element.id()]; });
p('attribute', () => [ul.getAttribute('id'), ul.getAttribute('none') ?? null, ul.hasAttribute('class'), ul.hasAttribute('none'), ul.hasAttributes(), el('body').hasAttributes(), ul.getAttributeNode('class').value, typeof ul.getAttributeNode('none'), typeof ul.getAttribute()]);
p('without', () => [el('#b1').className() ?? null, el('#b1').classList(), el('#b1').lang() ?? null, el('#b').lang(), el('body').id()]);
p('words', () => [el('#d').classList(), el('#d').className()]);
p('foreign', () => { const a = el('svg').attributes(); return [Object.keys(a).sort(), a.href.prefix(), a.href.namespaceURI(), a.lang.prefix(), el('svg').namespaceURI(), el('#g').namespaceURI(), ul.namespaceURI(), el('svg').isDefaultNamespace(), ul.isDefaultNamespace(), el('svg').lang() ?? null]; });
p('query', () => [ul.querySelector('i').id(), typeof ul.querySelector('none'), ul.querySelectorAll('i').map((one) => one.id()), ul.querySelectorAll('none').length, ul.getElementsByTagName('li').length, ul.getElementsByClassName('x').length, ul.matches('.one'), ul.matches('li'), ul.matches(':nope')]);
p('selection', () => [ul.selection().find('li').size(), ul.selection().size(), ul.selection().text() === ul.textContent()]);
p('document', () => { const d = ul.ownerDocument(); return [d.nodeName(), d.nodeType(), d.toString(), typeof d.parentNode(), d.childNodes().length, typeof d.ownerDocument()]; });`,
  ),
  row(
    'elements lead to others',
    TREE,
    `const el = (selector) => page.find(selector).get(0); const ul = el('#list'); const name = (one) => (one === undefined ? 'none' : one.nodeType() === 1 ? one.id() || one.nodeName() : one.nodeName());
p('children', () => [ul.children().map(name), ul.childNodes().map(name), ul.childElementCount(), ul.hasChildNodes(), el('head').hasChildNodes()]);
p('first', () => [name(ul.firstChild()), name(ul.lastChild()), name(ul.firstElementChild()), name(ul.lastElementChild()), name(el('#b').firstElementChild()), name(el('#b').lastElementChild())]);
p('beside', () => [name(el('#a').nextSibling()), name(el('#a').nextElementSibling()), name(el('#c').previousSibling()), name(el('#c').previousElementSibling()), name(el('#c').nextElementSibling()), name(el('#a').previousElementSibling())]);
p('above', () => [name(ul.parentNode()), name(ul.parentElement()), name(el('html').parentNode()), name(el('html').parentElement())]);
p('contains', () => [ul.contains(el('#i1')), ul.contains(ul), ul.contains(el('#p')), ul.contains(el('#link')), ul.contains(5), ul.contains(undefined), el('body').contains(el('#b1'))]);
p('same', () => [el('#i1').isSameNode(el('#i1')), el('#i1').isSameNode(el('#i2')), ul.isSameNode(ul), el('#i1').isEqualNode(el('#i2')), el('#i1').isEqualNode(el('#i1')), el('#i1').isEqualNode(5), el('head').isEqualNode(el('head')), el('#link').isSameNode(el('#link'))]);
p('kinds', () => [typeof el('#b').firstElementChild(), el('li').nodeName === ul.nodeName, typeof el('#a').value, typeof el('#i1').value]);`,
  ),
  row(
    'elements of links tell of their URL',
    `<base href="/b" target="_top"><a id="all" href="https://us%20er:p%3Aw@EXAMPLE.com:443/a%20b/../c;d?q=1&r=ü#fr%41g" rel="nofollow noopener" hreflang="de" target="_blank" download="f" type="t" accesskey="k" referrerpolicy="origin">text</a><a id="rel" href="x/y?z"></a><a id="none"></a><a id="empty" href=""></a><a id="hash" href="#top"></a><a id="mail" href="mailto:a@b"></a><a id="port" href="http://h:8080/"></a><a id="six" href="http://[::1]:80/"></a><a id="file" href="file:///etc/x"></a><a id="bad" href="http://%zz/"></a><a id="top" href="#"></a><a id="slashes" href="//"></a><a id="caps" href="MAILTO:A@B"></a><a id="odd-hash" href="x#a?b[c] d\t'"></a><a id="bad-hash" href="x#%"></a><a id="odd" href="//other/p" referrerpolicy="nonsense"></a><area id="area" href="/area"><link id="l" href="/style.css" rel="stylesheet  x" crossorigin="nonsense" media="m"><img id="img" src="i.png" width="10" height="x" crossorigin="anonymous" ismap usemap="#m"><map id="m" name="mm"><area id="a1"></map><script id="s" src="s.js" async>code</script>`,
    `const el = (of, selector) => of.find(selector).get(0);
const shown = (of) => { for (const id of ['all', 'rel', 'none', 'empty', 'hash', 'mail', 'port', 'six', 'file', 'bad', 'odd', 'top', 'slashes', 'caps', 'odd-hash', 'bad-hash', 'area']) p(id + ' ' + (of.url === ''), () => { const a = el(of, '#' + id); return ['href', 'hash', 'host', 'hostname', 'port', 'username', 'password', 'origin', 'pathname', 'protocol', 'search', 'rel', 'relList', 'toString', 'text', 'target', 'type', 'download', 'accessKey', 'hrefLang', 'referrerPolicy'].map((name) => { const v = said(() => a[name]()); return v === A.split(':')[1] ? 'PORT' : v; }); });
p('others ' + (of.url === ''), () => { const [b, l, img, map, s] = ['base', '#l', '#img', '#m', '#s'].map((one) => el(of, one)); return [b.href(), b.target(), l.href(), l.rel(), l.relList(), l.crossOrigin() ?? null, l.media(), l.hreflang(), img.src(), img.currentSrc(), img.width(), img.height(), img.crossOrigin() ?? null, img.isMap(), img.useMap(), img.alt(), map.name(), map.areas().length, map.images().map((one) => one.id()), s.src(), s.async(), s.defer(), s.text(), s.type()]; }); };
shown(page);
const r = await post('/reflect?of=links', page.find('body').html() + page.find('head').html());
shown(r.html());`,
  ),
  row(
    'elements of forms tell of themselves',
    `<form id="f" action="/act?x" method="POST" name="n" target="t" enctype="text/plain" accept-charset="utf-8" autocomplete="off" novalidate><fieldset id="fs" name="fsn" disabled><legend id="lg" accesskey="l">L</legend><label id="lb" for="i1">Label</label><label id="lb2">around <input id="i1" name="in" type="EMAIL" value="v" size="5" maxlength="x" tabindex="-3" placeholder="ph" required readonly list="dl" formaction="/other" formmethod="post" formenctype="nonsense" formtarget="ft" formnovalidate step="2"></label><datalist id="dl"><option id="do">1</option></datalist><select id="s1" multiple tabindex=2><optgroup id="og" disabled label="G"><option id="o1">one</option></optgroup><option id="o2" selected value="2" label="L2">two</option></select><select id="s2"><option>x</option></select><textarea id="ta" rows="3" cols="x" wrap="hard" readonly value="éa">text</textarea><button id="bt" value="b" type="menu">B</button><output id="ou" for="i1 i2" name="o">out</output><progress id="pr" value="5" max="20"></progress><meter id="me" min="1" max="9" low="x"></meter></fieldset></form><input id="out" form="f" type="checkbox" checked list="dl" maxlength="7"><form id="g" method="post"></form><form id="h" method="dialog" enctype="x"></form><progress id="pr2"></progress><button id="lone"></button>`,
    `const reads = { '#f': ['action', 'method', 'name', 'target', 'enctype', 'encoding', 'acceptCharset', 'autocomplete', 'noValidate', 'length'], '#g': ['action', 'method', 'autocomplete'], '#h': ['method', 'enctype'], '#fs': ['name', 'disabled', 'type', 'validity'], '#lg': ['accessKey'], '#lb': ['htmlFor'], '#i1': ['name', 'type', 'value', 'size', 'maxLength', 'tabIndex', 'placeholder', 'required', 'readonly', 'formAction', 'formMethod', 'formEnctype', 'formTarget', 'formNoValidate', 'step', 'checked', 'autocomplete', 'defaultValue'], '#out': ['type', 'checked', 'defaultChecked', 'list', 'maxLength', 'formAction', 'formMethod', 'formEnctype', 'formNoValidate', 'formTarget'], '#s1': ['multiple', 'size', 'type', 'length', 'selectedIndex', 'value', 'tabIndex'], '#s2': ['size', 'type', 'selectedIndex', 'value'], '#og': ['disabled', 'label'], '#o1': ['disabled', 'index', 'label', 'text', 'value', 'selected'], '#o2': ['disabled', 'index', 'label', 'text', 'value', 'defaultSelected'], '#do': ['index'], '#ta': ['rows', 'cols', 'wrap', 'readOnly', 'value', 'length', 'type', 'defaultValue', 'autocapitalize', 'maxLength'], '#bt': ['value', 'type', 'name', 'disabled', 'tabIndex', 'formAction', 'formMethod'], '#lone': ['value', 'type', 'formAction', 'formMethod', 'formTarget'], '#ou': ['htmlFor', 'name', 'type', 'value', 'defaultValue'], '#pr': ['max', 'value', 'position'], '#pr2': ['max', 'value', 'position'], '#me': ['min', 'max', 'low', 'high', 'optimum'] };
const all = (of) => { for (const [selector, names] of Object.entries(reads)) p(selector + ' ' + (of.url === ''), () => { const one = of.find(selector).get(0); return names.map((name) => said(() => one[name]() ?? null)); }); };
all(page); all((await post('/reflect', page.find('body').html())).html());
const el = (selector) => page.find(selector).get(0); const id = (one) => (one === undefined ? 'none' : one.id());
p('form of', () => ['#fs', '#i1', '#out', '#lg', '#lb', '#o1', '#s1', '#ta', '#bt', '#ou', '#lone'].map((one) => said(() => id(el(one).form()))));
p('labels of', () => ['#i1', '#s1', '#out', '#me'].map((one) => el(one).labels().map(id)));
p('others', () => [id(el('#lb').control()), id(el('#lb2').control()), id(el('#i1').list()), el('#f').elements().map(id), el('#fs').elements().map(id), el('#s1').options().map(id), el('#s1').selectedOptions().map(id), el('#dl').options().map(id)]);`,
  ),
  row(
    'elements of tables, lists and media tell of themselves',
    `<table id="t" sortable><caption id="cap">C</caption><colgroup><col id="col" span="0"><col id="col2" span="3"></colgroup><thead id="th"><tr id="r0"><th id="h1" abbr="ab" scope="col" sorted>1</th><th>2</th></tr></thead><tbody id="tb"><tr id="r1"><td id="d1" colspan="2" rowspan="x" headers="h1">a</td></tr><tr id="r2"><td>b</td><td id="d2">c</td></tr></tbody><tfoot id="tf"></tfoot></table><ol id="ol" start="3" reversed type="z"><li id="li" value="7" type="disc">x</li></ol><ul id="ul" type="q"></ul><video id="v" src="/v" autoplay muted preload="x" mediagroup="g"><track id="tr" kind="chapters" src="t" srclang="en" label="L" default><source id="so" src="s" media="m" type="y"></video><audio id="au"></audio><del id="del" cite="c" datetime="d"></del><time id="ti" datetime="2">x</time><iframe id="if" src="/i" width="5" name="n"></iframe><object id="ob" data="/d" typemustmatch></object><embed id="em" src="e"><canvas id="ca" width="x" height="20"></canvas><data id="da" value="5"></data><style id="st">a{}</style><title id="tt">T</title><meta id="mt" http-equiv="refresh" content="1" name="mn"><pre id="pe" name="pn">x</pre><param id="pa" name="a" value="b"><quote id="qu" cite="z"></quote><blockquote id="bq" cite="z"></blockquote>`,
    `const reads = { '#t': ['sortable'], '#col': ['span'], '#col2': ['span'], '#r0': ['rowIndex', 'sectionRowIndex'], '#r2': ['rowIndex', 'sectionRowIndex'], '#h1': ['abbr', 'scope', 'sorted', 'cellIndex', 'colSpan'], '#d1': ['colSpan', 'rowSpan', 'headers', 'cellIndex'], '#d2': ['cellIndex', 'colSpan'], '#ol': ['start', 'reversed', 'type'], '#li': ['value', 'type'], '#ul': ['type'], '#v': ['src', 'currentSrc', 'autoplay', 'muted', 'defaultMuted', 'controls', 'loop', 'preload', 'crossOrigin', 'mediaGroup'], '#tr': ['kind', 'src', 'srclang', 'label', 'default'], '#so': ['src', 'media', 'type', 'sizes', 'srcset', 'keySystem'], '#au': ['src', 'preload'], '#del': ['cite', 'datetime'], '#ti': ['datetime'], '#if': ['src', 'width', 'height', 'name', 'allowfullscreen', 'referrerPolicy'], '#ob': ['data', 'typeMustMatch', 'tabIndex', 'form'], '#em': ['src', 'type', 'width'], '#ca': ['width', 'height'], '#da': ['value'], '#st': ['type', 'media'], '#tt': ['text'], '#mt': ['httpEquiv', 'content', 'name'], '#pe': ['name', 'value'], '#pa': ['name', 'value'], '#qu': ['cite'] };
for (const [selector, names] of Object.entries(reads)) p(selector, () => { const one = page.find(selector).get(0); return names.map((name) => said(() => one[name]() ?? null)); });
const el = (selector) => page.find(selector).get(0); const id = (one) => (one === undefined ? 'none' : one.id());
p('parts', () => [id(el('#t').caption()), id(el('#t').tHead()), id(el('#t').tFoot()), el('#t').rows().map(id), el('#t').tBodies().map(id), el('#tb').rows().map(id), el('#r2').cells().map(id), el('#v').textTracks().map(id)]);
p('unknown', () => typeof el('#bq').cite);`,
  ),
  {
    title: 'a response gives its page',
    before: TOOLS,
    body: `const r = await post('/reflect?x=1', '<title>T</title><p class="d">one</p><p>two</p><a href="next?y">n</a>');
p('text', () => [r.html('title').text(), r.html('p').size(), r.html().find('p.d').text(), r.html('none').size(), r.html(undefined).size(), r.html('').size(), r.html(null).size()]);
p('url', () => [r.html().url === r.url, r.html('p').url === r.url, r.html('p').first().parent().url === r.url]);
p('link', () => r.html('a').get(0).href());
p('end', () => r.html('p').end().size());
const b = await post('/reflect', 'b<i>é</i>', { responseType: 'binary' }); p('binary', () => b.html('i').text());
const n = await post('/reflect', '<p>x</p>', { responseType: 'none' }); p('null', () => said(() => n.html()));
const f = await http.asyncRequest('GET', 'http://127.0.0.1:1/'); p('failed', () => said(() => f.html('p')));
const e = await get('/status/200'); p('empty', () => [e.html().size(), e.html().html(), e.html('body').size()]);
const j = await get('/echo'); p('json', () => j.html('body').text().length > 10);
p('error', () => { try { f.html(); } catch (x) { return [x instanceof Error, x.name, typeof x.message]; } });`,
  },
];

/** A page of one form, then what is done with it. */
const FORM_TOOLS = `${TOOLS}
const at = (html, path = '/reflect') => http.request('POST', B + path, html);
const shown = (r) => [r.status, r.json('method'), r.json('url'), r.json('body'), r.json('headers.content-type') ?? null];
`;
const sends = (title: string, body: string): Row => ({ title, before: FORM_TOOLS, body, blocks: true });

export const FORMS: readonly Row[] = [
  sends(
    'a form is sent by its method to its action',
    `const form = (attributes, more = '') => at('<form ' + attributes + '><input name="a" value="1 2"><input name="b" value="&amp;é">' + more + '</form>', '/reflect?was=here');
p('get', () => shown(form('action="/echo"').submitForm()));
p('get by name', () => shown(form('action="/echo" method="get"').submitForm()));
p('post', () => shown(form('action="/echo" method="post"').submitForm()));
p('Post', () => shown(form('action="/echo" method="Post"').submitForm()));
p('put', () => shown(form('action="/echo" method="put"').submitForm()));
p('multipart', () => shown(form('action="/echo" method="post" enctype="multipart/form-data"').submitForm()));
p('query', () => shown(form('action="/echo?x=1#top"').submitForm()));
p('query of post', () => shown(form('action="/echo?x=1#top" method="post"').submitForm()));
p('relative', () => shown(form('action="../echo/./x"').submitForm()));
p('beyond ascii', () => shown(form('action="/echo/é?ü=ö" method="post"').submitForm()));
p('whole', () => shown(form('action="' + B + '/echo"').submitForm()));
p('no action', () => { const r = form('method="post"').submitForm(); return [r.status, r.url.split('/').pop(), r.body]; });
p('no action of get', () => { const r = form('').submitForm(); return [r.status, r.url.split('/').pop()]; });
p('empty action', () => { const r = form('action="" method="post"').submitForm(); return [r.url.split('/').pop(), r.body]; });
p('request', () => { const { method, body } = form('action="/echo" method="post"').submitForm().request; return [method, body]; });
p('once more', () => at('<form action="/reflect" method="post"><textarea name="x"><form action="/echo"></textarea></form>').submitForm().status);
p('blanks', () => shown(form('action=" /echo " method="post"').submitForm())); p('no method', () => shown(form('action="/echo" method=""').submitForm())); p('odd method', () => form('action="/echo" method="dialog"').submitForm().status);
p('nothing in it', () => shown(at('<form action="/echo?x"></form>').submitForm()));
p('nothing in post', () => shown(at('<form action="/echo" method="post"></form>').submitForm()));
p('bad action', () => said(() => at('<form action="http://%zz/"></form>').submitForm()));
p('no host', () => { const r = at('<form action="mailto:a@b" method="post"></form>').submitForm(); return [r.status, r.error_code > 0]; });`,
  ),
  sends(
    'a form sends the fields that are on, and those that are given',
    `const html = ${JSON.stringify(FIELDS)}; const page = (method) => at((method === 'get' ? html : html.replace(/<keygen.*?>/, '')).replace('action="/act"', 'action="/echo" method="' + method + '"'));
p('get', () => shown(page('get').submitForm())); p('post', () => shown(page('post').submitForm()));
p('button', () => shown(page('get').submitForm({ submitSelector: '[name=go]' }))[2]);
p('no button', () => shown(page('get').submitForm({ submitSelector: '[name=none]' }))[2]);
p('another element', () => shown(page('get').submitForm({ submitSelector: 'option' }))[2]);
p('fields', () => shown(page('post').submitForm({ fields: { plain: 'mine', extra: 'x y', number: 5, float: 1.5, bool: true, list: ['a', 'b'], gone: '' } }))[3]);
p('fields of get', () => shown(page('get').submitForm({ fields: { plain: 'mine', number: 5, list: ['a', 'b'], object: { a: 1 }, nothing: null } }))[2]);
p('file', () => page('post').submitForm({ fields: { f: http.file('x', 'n.txt', 'text/plain') } }).request.headers['Content-Type'][0].slice(0, 20));
p('of another', () => shown(page('post').submitForm({ fields: { t: page('post').html('[name=many]').val() } }))[3]);
p('as a body', () => shown(http.request('POST', B + '/echo', page('post').html('form').serializeObject()))[3]);
p('no fields', () => [null, undefined, 'x', 5, [], {}].map((fields) => shown(page('post').submitForm({ fields }))[3].length));`,
  ),
  sends(
    'which form, which button, and with which parameters',
    `const r = at('<form id=one action="/echo?1"><input name=a value=1><input type=submit name=s value=S></form><form id=two action="/echo?2" method=post><input name=b value=2></form><div id=div><input name=c></div>');
p('first', () => shown(r.submitForm()).slice(1, 4)); p('second', () => shown(r.submitForm({ formSelector: '#two' })).slice(1, 4));
p('no form', () => said(() => shown(r.submitForm({ formSelector: '#div' })).slice(1, 4)));
p('none', () => said(() => r.submitForm({ formSelector: '#none' })).replace(B, '')); p('wrong', () => said(() => r.submitForm({ formSelector: ':nope' })).replace(B, ''));
p('no page', () => said(() => at('{}').submitForm()).replace(B, ''));
p('params', () => { const back = r.submitForm({ formSelector: '#two', params: { headers: { 'X-Own': 'yes' }, tags: { t: '1' } } }); return [back.json('headers.x-own'), back.json('method')]; });
p('undefined', () => [said(() => r.submitForm(undefined)), said(() => r.submitForm(null)), said(() => r.submitForm({}).status), said(() => r.submitForm('x').status), said(() => r.submitForm({ params: null }).status), said(() => r.submitForm({ formSelector: undefined }))].map((text) => String(text).replace(B, '')));
const n = http.request('GET', B + '/echo', null, { responseType: 'none' }); p('null', () => [said(() => n.submitForm()), said(() => n.clickLink())]);
p('cookies', () => { http.request('GET', B + '/cookie'); return r.submitForm({ formSelector: '#two' }).json('headers.cookie'); });
p('redirect', () => { const back = at('<form action="/redirect/302" method="post"><input name=a value=1></form>').submitForm(); return [back.status, back.json('method'), back.url.split('/').pop()]; });
p('submit that is none', () => shown(at('<form action="/echo"><div type="submit" name="d">x</div></form>').submitForm())[2]);
p('submit of two', () => shown(at('<form action="/echo"><button type=submit name=one>1</button><input type=submit name=two value=2></form>').submitForm())[2]);`,
  ),
  sends(
    'a link is followed',
    `const r = at('<a id=no>no</a><a id=a href="/echo?a=1&amp;b=2">a</a><a id=b href="echo/b">b</a><a id=c href="//' + A + '/echo/c">c</a><a id=d href="?d">d</a><a id=e href="">e</a><a id=f href="#f">f</a><a id=g href="/echo/é ü?ö">g</a><p id=p>p</p><link id=l href="/echo/l"><a id=x href="http://%zz/">x</a><a id=m href="mailto:a@b">m</a>', '/reflect?was=here');
p('first', () => shown(r.clickLink()));
for (const id of ['a', 'b', 'c', 'g', 'l']) p(id, () => shown(r.clickLink({ selector: '#' + id })));
for (const id of ['d', 'e', 'f']) p(id, () => { const back = r.clickLink({ selector: '#' + id }); return [back.status, back.url.split('/').pop(), back.request.method]; });
p('m', () => { const back = r.clickLink({ selector: '#m' }); return [back.status, back.error_code > 0]; });
p('none', () => said(() => r.clickLink({ selector: '#none' })).replace(B, '')); p('no href', () => said(() => r.clickLink({ selector: '#no' })).replace(B, '')); p('no link', () => said(() => r.clickLink({ selector: '#p' })).replace(B, '')); p('bad', () => said(() => r.clickLink({ selector: '#x' })));
p('without', () => said(() => at('no links').clickLink()).replace(B, '')); p('wrong', () => said(() => r.clickLink({ selector: ':nope' })).replace(B, ''));
p('blanks', () => shown(at('<a href=" /echo ">x</a>').clickLink())); p('script', () => { const back = at('<a href="javascript:void(0)">x</a>').clickLink(); return [back.status, back.error_code]; });
p('binary', () => http.request('POST', B + '/reflect', '<a href="/echo">x</a>', { responseType: 'binary' }).clickLink().json('method'));
p('top', () => { const back = at('<a href="#">x</a>').clickLink(); return [back.status, back.url.split('/').pop(), back.request.url.split('/').pop()]; });
p('params', () => r.clickLink({ params: { headers: { 'X-Own': 'yes' } } }).json('headers.x-own'));
p('undefined', () => [said(() => r.clickLink(undefined)), said(() => r.clickLink({}).status), said(() => r.clickLink({ selector: undefined }).status)].map((text) => String(text).replace(B, '')));
p('chain', () => at('<a href="/redirect/302">x</a>').clickLink().json('url'));
p('again', () => { const back = at('<form action="/reflect" method="post"><input name="x"></form>').submitForm(); return [back.status, back.body]; });`,
  ),
  {
    title: 'requests of forms and links have the tags of others',
    blocks: true,
    options:
      "{ vus: 1, iterations: 1, thresholds: { 'http_reqs{name:http://127.0.0.1:1/none}': ['count<1'], 'http_reqs{method:POST}': ['count<0'], 'http_reqs{method:GET}': ['count<0'], 'http_reqs{own:form}': ['count<0'], 'http_reqs{own:link}': ['count<0'], 'http_reqs{own:none}': ['count<1'] } }",
    body: `const r = http.request('POST', B + '/reflect', '<form action="/echo" method="post"><input name=a></form><a href="/echo">x</a>');
p('form', () => r.submitForm({ params: { tags: { own: 'form' } } }).status); p('link', () => r.clickLink({ params: { tags: { own: 'link' } } }).status);`,
  },
  {
    title: 'a page may be read at the top level of a script',
    blocks: true,
    options: '{ vus: 1, iterations: 1 }',
    init: "const page = parseHTML('<p>top</p>').find('p').text();",
    body: "p('page', () => page);",
  },
];
